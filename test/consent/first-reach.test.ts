/** The mail about an application that reaches production, or manages people's access, for the first time. */

import { beforeEach, describe, expect, test } from 'vitest';
import { composeNotice } from '../../src/accounts/notices.ts';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { scopes } from '../../src/catalogue/scopes.ts';
import { recordConsent } from '../../src/consent/record.ts';
import { sendDueMail } from '../../src/mail/sender.ts';
import { mailWriters } from '../../src/mails.ts';
import { listUnsentMail } from '../../src/storage/people/mail-outbox.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { texts } from '../support/texts.ts';
import { plantTree, run, type Tree } from './tree.ts';

const database = forAllTests(openTestDatabase);
let tree: Tree;

beforeEach(async () => {
  tree = await plantTree(database.db);
});

const parts = { issuer: 'https://usher.test', messages: texts };
const production = 'application-reaches-production';
const people = 'application-manages-people';
const both = 'application-reaches-both';

const read = 'database:read_branches';
/** Manages people, and reaches no branch. */
const manage =
  scopes.find(({ level, effect }) => level === 'database' && effect === 'people')?.scope ?? '';

/** Decides about shop anew. */
function decide(scope: string, includesProduction = false, locale?: string) {
  const shop = { level: 'database', id: tree.shop } as const;
  const picked = { ...shop, scopes: parseScopeSet(scope), seenProduction: undefined };
  const picks = [{ ...picked, includesProduction }];
  const pair = { accountId: tree.dba, clientId: tree.app };
  const asked = `${read} ${manage}`;
  return recordConsent(database.db, { ...pair, asked, picks, shown: [shop], locale });
}

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly locale: string | null;
}

/** The notices whose mail was asked for, oldest first. */
function told(): Promise<Told[]> {
  return run<Told>(
    database.db,
    `select n.id, n.kind, n.locale from account_notices n
       join mail_outbox o on o.subject_id = n.id and o.kind = n.kind
      where n.account_id = $1 order by n.created_at`,
    tree.dba,
  );
}

const kinds = async () => (await told()).map(({ kind }) => kind);

describe('the first time', () => {
  test('production is reached, on a page that says so', async () => {
    await decide(read);
    expect(await kinds()).toEqual([]);
    await decide(read, true);
    expect(await kinds()).toEqual([production]);
  });

  test("people's access is managed", async () => {
    await decide(manage);
    expect(await kinds()).toEqual([people]);
  });

  test('both come in one mail, and one after the other in two', async () => {
    await decide(`${read} ${manage}`, true);
    expect(await kinds()).toEqual([both]);
    tree = await plantTree(database.db);
    await decide(read, true);
    await decide(`${read} ${manage}`, true);
    expect(await kinds()).toEqual([production, people]);
  });

  test('a production branch is picked for what it is', async () => {
    const scope = parseScopeSet('branch:read_branch');
    const pick = (id: string, seenProduction: boolean) =>
      recordConsent(database.db, {
        accountId: tree.dba,
        clientId: tree.app,
        asked: 'branch:read_branch',
        picks: [{ level: 'branch', id, scopes: scope, seenProduction, includesProduction: true }],
        shown: [],
      });
    await pick(tree.staging, false);
    expect(await kinds()).toEqual([]);
    await pick(tree.main, true);
    expect(await kinds()).toEqual([production]);
  });
});

describe('it is told once', () => {
  test('whatever is taken away and given again, until the consent is gone', async () => {
    await decide(read, true);
    await decide(read);
    await decide(read, true);
    expect(await kinds()).toEqual([production]);
    await run(database.db, 'delete from consents where account_id = $1', tree.dba);
    await decide(read, true);
    expect(await kinds()).toEqual([production, production]);
  });

  test('of two pages that are sent at once', async () => {
    await Promise.all([decide(read, true), decide(read, true), decide(read, true)]);
    expect(await kinds()).toEqual([production]);
  });

  test('and never of what stood before there was this mail', async () => {
    await decide(read, true);
    await run(
      database.db,
      'with past as (delete from account_notices where account_id = $1) update consents set told_production = false where account_id = $1',
      tree.dba,
    );
    await decide(read, true);
    await decide(read);
    await decide(read, true);
    expect(await kinds()).toEqual([]);
  });
});

test('what is not stored is not told', async () => {
  await run(
    database.db,
    'update organization_members set suspended_at = now() where account_id = $1',
    tree.dba,
  );
  await expect(decide(read, true)).rejects.toMatchObject({ code: 'resource_unknown' });
  expect(await kinds()).toEqual([]);
});

test.each([
  ['en', read, 'can now reach production', 'See what it may do'],
  ['en', manage, 'manage who has access', 'See what it may do'],
  ['en', `${read} ${manage}`, 'reach production and manage', 'See what it may do'],
  ['de', read, 'erreicht jetzt Produktions-Branches', 'Ansehen, was sie darf'],
  ['de', manage, 'Zugriff anderer Personen', 'Ansehen, was sie darf'],
  ['de', `${read} ${manage}`, 'Zugriffe verwalten', 'Ansehen, was sie darf'],
])('in %s the mail about %s names the app and leads to what it may do', async (...row) => {
  const [locale, scope, words, button] = row;
  await decide(scope, true, locale);
  const [notice] = await told();
  const mail = await composeNotice(database.db, notice?.id ?? '', parts);
  expect(mail?.to).toBe(`dba-${tree.dba}@usher.test`);
  expect(`${mail?.subject}\n${mail?.text}`).toContain(words);
  for (const part of [mail?.text, mail?.html]) {
    expect(part).toContain(button);
    expect(part).toContain('https://usher.test/account/applications');
  }
});

test('a mail that is refused stands in the list of what did not go out', async () => {
  await decide(read, true);
  const send = async () => {
    throw Object.assign(new Error('no such mailbox'), { code: 'EENVELOPE', responseCode: 550 });
  };
  const log = { warn: () => {} };
  await sendDueMail({ db: database.db, send, compose: mailWriters(parts), log });
  expect(await listUnsentMail(database.db, 10_000)).toContainEqual(
    expect.objectContaining({
      kind: production,
      recipient: `dba-${tree.dba}@usher.test`,
      failedAt: expect.any(Date),
    }),
  );
});
