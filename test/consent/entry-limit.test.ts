/** A consent has at most 500 entries, and what is done with them grows with their number alone. */

import { describe, expect, test } from 'vitest';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { afterChanges, mergeEntries } from '../../src/consent/merge-entries.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { newId, printId } from '../../src/lib/ids.ts';
import { readChoice } from '../../src/web/consent/consent-form.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { plantTree, run } from './tree.ts';

const read = 'database:read_branches';
const write = 'database:write_branches';
const database = forAllTests(openTestDatabase);
const tree = forEachTest(() => plantTree(database.db));

/** Adds databases to acme. @returns their ids. */
async function databases(count: number): Promise<string[]> {
  const rows = await run<{ id: string }>(
    database.db,
    `insert into databases (id, organization_id, slug)
     select gen_random_uuid(), $1, 'many-' || n from generate_series(1, $2::int) n returning id`,
    tree.acme,
    count,
  );
  return rows.map(({ id }) => id);
}

const keyOf = (id: string) => ({ level: 'database', id }) as const;

function record(ids: readonly string[], { shown = [] as readonly string[], scope = read } = {}) {
  return recordConsent(database.db, {
    accountId: tree.member,
    clientId: tree.app,
    asked: `${read} ${write}`,
    shown: shown.map(keyOf),
    picks: ids.map((id) => {
      return {
        ...keyOf(id),
        scopes: parseScopeSet(scope),
        seenProduction: undefined,
        includesProduction: true,
      };
    }),
  });
}

async function entryCount(): Promise<number> {
  const [row] = await run<{ count: number }>(
    database.db,
    `select count(*)::int as count from consent_entries e join consents c on c.id = e.consent_id
      where c.client_id = $1`,
    tree.app,
  );
  return row?.count ?? 0;
}

const tooMany = expect.objectContaining({ code: 'too_many_entries' });

describe('a consent', () => {
  test('takes 500 entries, and not one more, at once or later', async () => {
    const ids = await databases(mostEntries + 1);
    await expect(record(ids)).rejects.toEqual(tooMany);
    expect(await entryCount()).toBe(0);
    await record(ids.slice(0, mostEntries));
    await expect(record(ids.slice(mostEntries))).rejects.toEqual(tooMany);
    expect(await entryCount()).toBe(mostEntries);
  });

  test('that is full can swap one for another', async () => {
    const ids = await databases(mostEntries + 1);
    await record(ids.slice(0, mostEntries));
    await record(ids.slice(mostEntries), { shown: ids.slice(0, 1) });
    expect(await entryCount()).toBe(mostEntries);
  });

  test('that is larger from before works on and shrinks, but does not grow', async () => {
    const ids = await databases(mostEntries + 100);
    await record(ids.slice(0, 1));
    await run(
      database.db,
      `insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id,
                                    scope, version)
       select gen_random_uuid(), c.id, c.account_id, 'database', $2, d.id, $3, 1
         from consents c, unnest($4::uuid[]) as d (id) where c.client_id = $1`,
      tree.app,
      tree.acme,
      read,
      ids.slice(1, -1),
    );
    const before = mostEntries + 99;
    expect(await entryCount()).toBe(before);
    await record(ids.slice(0, 2), { shown: ids.slice(0, 2) });
    expect(await entryCount()).toBe(before);
    await expect(record(ids.slice(-1))).rejects.toEqual(tooMany);
    await record(ids.slice(0, 1), { shown: ids.slice(0, 11) });
    expect(await entryCount()).toBe(before - 10);
  });
});

/** Counts how often members of the value, and of what is in it, are read. */
function counted<Value extends object>(value: Value, counter: { reads: number }): Value {
  return new Proxy(value, {
    get(target, name, receiver) {
      counter.reads++;
      const member: unknown = Reflect.get(target, name, receiver);
      return typeof member === 'object' && member !== null ? counted(member, counter) : member;
    },
  });
}

function entry() {
  const place = { organizationId: 'o', databaseId: undefined };
  return {
    id: newId(),
    level: 'database' as const,
    resource: { ...keyOf(newId()), ...place },
    production: undefined,
    includesProduction: true,
    scopes: parseScopeSet(read),
    version: 1,
  };
}

describe('work grows with the entries, not with their square', () => {
  /** Reads of members for so many entries and as many picks. */
  const readsOf = (count: number, work: (entries: ReturnType<typeof entry>[]) => void) => {
    const counter = { reads: 0 };
    work(Array.from({ length: count }, () => counted(entry(), counter)));
    return counter.reads;
  };

  const merge = (entries: ReturnType<typeof entry>[]) => {
    const picks = entries.map(({ resource, production, includesProduction }) => {
      const grantable = parseScopeSet(`${read} ${write}`);
      const ticked = parseScopeSet(write);
      return { resource, production, includesProduction, ticked, grantable };
    });
    const asked = parseScopeSet(`${read} ${write}`);
    const changes = mergeEntries(entries, { asked, picks, shown: [], version: 2 });
    expect(changes.added).toHaveLength(entries.length);
    expect(afterChanges(entries, changes)).toHaveLength(entries.length);
  };

  test('when what was decided is merged into what stands', () => {
    const [small, large] = [readsOf(100, merge), readsOf(400, merge)];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThanOrEqual(4 * small);
  });

  test('when a form is read, whose fields are gone through once', () => {
    let walks = 0;
    class Counted extends URLSearchParams {
      override getAll(name: string) {
        walks++;
        return super.getAll(name);
      }
      override get(name: string) {
        walks++;
        return super.get(name);
      }
    }
    const ids = Array.from({ length: mostEntries }, () => printId('database', newId()));
    const fields = ids.flatMap((id): [string, string][] => [
      ['pick', id],
      [`scope:${id}`, read],
    ]);
    const { picks } = readChoice(new Counted(fields));
    expect(picks).toHaveLength(mostEntries);
    expect(walks).toBeLessThan(10);
  });

  test('a form with more picks than a consent takes is refused before any is looked at', () => {
    const fields = Array.from({ length: mostEntries + 1 }, (_, n): [string, string] => [
      'pick',
      `x${n}`,
    ]);
    expect(() => readChoice(new URLSearchParams(fields))).toThrow(tooMany);
  });
});
