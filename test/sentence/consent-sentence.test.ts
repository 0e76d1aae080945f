/** The sentence is true: over random consents, and after any later change of roles. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { platformWords } from '../../src/catalogue/words.ts';
import { noCeiling } from '../../src/decisions/policy.ts';
import { loadMessages, messagesDirectory } from '../../src/lib/messages.ts';
import type { DatabaseRoles } from '../../src/members/permissions.ts';
import { consentSentence, type Exclusion } from '../../src/sentence/consent-sentence.ts';
import type { ChosenEntry } from '../../src/sentence/holding.ts';
import { sentenceText } from '../../src/sentence/sentence-text.ts';
import { type ScopeRow, scopeRows } from '../catalogue/published-data.ts';
import { consentFactsOf, entryOf } from '../decisions/facts-of.ts';
import { effective, placesUnder } from '../decisions/oracle.ts';
import { type Entry, type Resource, type World, worlds } from '../decisions/worlds.ts';

const effectOf = new Map(scopeRows.map((row) => [row.scope, row.effect]));
const rowOf = new Map(scopeRows.map((row) => [row.scope, row]));

/** A consent of the newest version, with a token of everything. */
const consents = worlds.map((world): World => {
  const entries = world.entries.map((entry) => ({ ...entry, version: 1 }));
  const token = { issued: [...scopeNames], registered: [...scopeNames], version: 1 };
  return { ...world, entries, token };
});

const pathOf = (resource: Resource): string =>
  'database' in resource ? JSON.stringify(resource) : resource.kind;

function chosen(world: World): ChosenEntry[] {
  return world.entries.map((entry) => ({
    ...consentFactsOf(world, entry.resource),
    name: { level: entry.resource.kind, path: pathOf(entry.resource) },
    entry: entryOf(entry),
  }));
}

/** What the rules give by an entry on whatever may be under its resource. */
function held(world: World, entry: Entry, isWanted = (_: Resource) => true): Set<string> {
  const kinds = [...placesUnder(world, entry.resource)].filter(isWanted);
  return new Set(kinds.flatMap((kind) => effective(world, kind, [entry])));
}

const isProduction = (kind: Resource) => kind.kind === 'branch' && kind.production;
const heldIn = (world: World, isWanted?: (kind: Resource) => boolean) =>
  new Set(world.entries.flatMap((entry) => [...held(world, entry, isWanted)]));

/** The same where no policy limits applications, or the age of what was consented to. */
const underNoPolicy = (world: World): World => ({
  ...world,
  policy: { ...world.policy, mode: 'open', isGuarded: false, isShutOut: false },
  entries: world.entries.map((entry) => ({ ...entry, isOld: false })),
});

/** Somebody with every role, where no policy limits anything. */
const asAdministrator = (world: World): World => ({
  ...underNoPolicy(world),
  organizationRole: 'organization_admin',
});

/** The same consent after roles, memberships, teams and policy changed. */
const changes = fc.tuple(consents, consents).map(([before, later]): [World, World] => [
  before,
  {
    ...before,
    organizationRole: later.organizationRole,
    baseRole: later.baseRole,
    policy: later.policy,
    databases: before.databases.map((database, n) => ({
      ...database,
      direct: later.databases[n]?.direct,
    })),
  },
]);

function broken({ what }: Exclusion, world: World): string[] {
  if (what === 'production') return [...heldIn(world, isProduction)];
  const all = [...heldIn(world)];
  return all.filter((scope) =>
    what === 'changes' ? effectOf.get(scope) !== 'see' : effectOf.get(scope) === what,
  );
}

describe('over random consents', () => {
  test('a power is named exactly where it holds now, most dangerous first', () => {
    fc.assert(
      fc.property(consents, (world) => {
        const { powers } = consentSentence(chosen(world));
        const told = powers.flatMap(({ effect, resources }) =>
          resources.map(({ path, reachesProduction }) => `${effect} ${path} ${reachesProduction}`),
        );
        const expected = ['secrets', 'delete', 'people', 'change', 'see'].flatMap((effect) => {
          const withIt = world.entries.filter((entry) =>
            [...held(world, entry)].some((scope) => effectOf.get(scope) === effect),
          );
          const paths = [...new Set(withIt.map(({ resource }) => pathOf(resource)))];
          return paths.map((path) => {
            const here = withIt.filter(({ resource }) => pathOf(resource) === path);
            const reaches = here.some((entry) =>
              [...held(world, entry, isProduction)].some((one) => effectOf.get(one) === effect),
            );
            return `${effect} ${path} ${reaches}`;
          });
        });
        expect(told).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('what it says the application cannot do now, it cannot', () => {
    fc.assert(
      fc.property(consents, (world) => {
        for (const exclusion of consentSentence(chosen(world)).exclusions) {
          expect(broken(exclusion, world)).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('what it says it never will holds after every change of roles and policy', () => {
    fc.assert(
      fc.property(changes, ([before, after]) => {
        const { exclusions } = consentSentence(chosen(before));
        for (const exclusion of exclusions.filter(({ until }) => until === 'never')) {
          expect(broken(exclusion, after)).toEqual([]);
          expect(broken(exclusion, asAdministrator(before))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('what it blames on roles or policy, other roles or another policy would give', () => {
    fc.assert(
      fc.property(consents, (world) => {
        for (const exclusion of consentSentence(chosen(world)).exclusions) {
          if (exclusion.until === 'never') continue;
          const isByPolicy = broken(exclusion, underNoPolicy(world)).length > 0;
          expect(exclusion.until).toBe(isByPolicy ? 'policy' : 'role');
          const isEmptyOrganization = world.databases.length === 0;
          if (!isEmptyOrganization) {
            expect(broken(exclusion, asAdministrator(world))).not.toEqual([]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('production is promised exactly where no role reaches it and nothing gets around it', () => {
    const isWhole = ({ actsOn, effect }: ScopeRow) =>
      (actsOn === 'database' || actsOn === 'organization') && effect !== 'see';
    fc.assert(
      fc.property(consents, (world) => {
        fc.pre(world.databases.length > 0);
        const scopes = world.entries.flatMap((entry) =>
          entry.scopes.filter((scope) => rowOf.get(scope)?.level === entry.resource.kind),
        );
        fc.pre(world.entries.some(({ resource }) => resource.kind !== 'user'));
        fc.pre(scopes.length > 0);
        const given = new Set(scopes);
        const isAround = [...given].some((scope) => isWhole(rowOf.get(scope) as ScopeRow));
        const reaches = heldIn(asAdministrator(world), isProduction).size > 0;
        const { exclusions } = consentSentence(chosen(world));
        const promised = exclusions.some(
          ({ what, until }) => what === 'production' && until === 'never',
        );
        expect(promised).toBe(!reaches && !isAround);
      }),
      { numRuns: 300 },
    );
  });
});

describe('in words', () => {
  const messages = loadMessages(messagesDirectory, { words: platformWords }).in('en');
  const member = { organizationRole: 'organization_member', baseRole: 'member' } as const;
  const developer: DatabaseRoles = { direct: 'database_developer', team: false };
  interface Standing {
    production?: boolean;
    databaseRoles?: DatabaseRoles;
  }
  const on = (
    level: 'database' | 'branch',
    path: string,
    scope: string,
    { production = false, databaseRoles = developer }: Standing = {},
  ): ChosenEntry => ({
    name: { level, path },
    entry: {
      level,
      scopes: parseScopeSet(scope),
      version: 1,
      production: level === 'branch' ? production : undefined,
      includesProduction: level === 'branch' || production,
    },
    candidate:
      level === 'branch'
        ? { type: 'branch', production, databaseRoles }
        : { type: 'database', databaseRoles },
    membership: member,
    policy: noCeiling,
  });
  const say = (...entries: ChosenEntry[]) =>
    sentenceText(consentSentence(entries), 'Demo App', messages);

  test('what is risky first, and that production is left out', () => {
    const shop = on('database', 'shop', 'database:read_branches database:read_backups');
    const staging = on('branch', 'shop/staging', 'branch:write_branch');
    expect(say(shop, staging)).toBe(
      'Demo App will be able to make changes in shop/staging and view shop. It will not touch production branches. It will not delete anything.',
    );
  });

  test('only looking', () => {
    expect(say(on('database', 'shop', 'database:read_branches', { production: true }))).toBe(
      'Demo App will be able to view shop (including production branches). It will not change or delete anything.',
    );
  });

  test('“not with your current role” where another role would give it', () => {
    expect(say(on('database', 'shop', 'database:write_branches', { production: true }))).toBe(
      'Demo App will be able to make changes in shop. With your current role, it can’t touch production branches. It will not delete anything.',
    );
  });

  test('that production is left out, also where nothing but production was asked for', () => {
    const roles = { databaseRoles: { direct: 'database_admin', team: false } };
    expect(say(on('database', 'shop', 'database:demote_branches', roles))).toContain(
      'It will not touch production branches.',
    );
  });

  test('no promise where a whole database can be deleted', () => {
    const roles = { databaseRoles: { direct: 'database_admin', team: false } };
    expect(
      say(on('database', 'shop', 'database:delete_database database:read_branches', roles)),
    ).toBe('Demo App will be able to delete things in shop and view shop.');
  });

  test('more resources than are named are counted', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      on('database', name, 'database:read_branches'),
    );
    expect(say(...all)).toContain('view a, b, c, and 2 more.');
  });

  test('nothing that the roles give', () => {
    const noRole = { databaseRoles: { direct: undefined, team: false } };
    expect(say(on('database', 'shop', 'database:write_members', noRole))).toContain(
      'will not be able to do anything',
    );
  });

  test('every exclusion has its text', () => {
    const whats = ['production', 'secrets', 'delete', 'people', 'change'] as const;
    const all = whats.flatMap((what): Exclusion[] => [
      { what, until: 'role' },
      { what, until: 'policy' },
    ]);
    const text = sentenceText({ powers: [], exclusions: all }, 'Demo App', messages);
    expect(text.match(/With your current role/g)).toHaveLength(5);
    expect(text.match(/app policy/g)).toHaveLength(5);
  });
});
