/**
 * A batch of lines comes to the same as its lines one by one: what earlier lines did counts for every
 * rule over several of them, though none of it is stored before the end.
 */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scopeWithPowers } from '../../src/clients/service-clients.ts';
import { RefusedError } from '../../src/organizations/refusals.ts';
import { BatchRefusedError, syncBatch, syncLine } from '../../src/organizations/sync.ts';
import type { SyncLine, Who } from '../../src/organizations/sync-lines.ts';
import { onPostgres, openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { worldIn } from '../support/world.ts';
import { makeService } from './world.ts';

const db = forAllTests(openDb);
const service = forAllTests(() => makeService(db, scopeWithPowers(['administrators'])));

interface StartBranch {
  readonly name: string | null;
  readonly slug: string;
  readonly production: boolean;
}

interface StartDatabase {
  readonly name: string | null;
  readonly slug: string;
  readonly branches: readonly StartBranch[];
}

type Standing = 'organization_admin' | 'organization_member' | 'suspended_admin' | 'none';

interface Start {
  readonly databases: readonly StartDatabase[];
  readonly members: readonly Standing[];
}

/** An organization whose names of the platform, and whose people's addresses, are its own. */
interface Twin {
  readonly id: string;
  readonly own: (name: string) => string;
}

async function plant({ databases, members }: Start): Promise<Twin> {
  const world = worldIn(db);
  const tag = randomUUID();
  const own = (name: string) => `${tag}-${name}`;
  const organization = await world.organization();
  for (const { name, slug, branches } of databases) {
    const external_id = name && own(name);
    const made = await world.database(organization, { slug, external_id });
    for (const branch of branches) {
      const { slug: at, production } = branch;
      await world.branch(made, {
        slug: at,
        production,
        external_id: branch.name && own(branch.name),
      });
    }
  }
  for (const [n, standing] of members.entries()) {
    const account = await world.account({ email: `${own(`m${n}`)}@one.test` });
    if (standing === 'none') continue;
    const isAdministrator = standing !== 'organization_member';
    await world.member(organization, account, {
      role: isAdministrator ? 'organization_admin' : 'organization_member',
      suspended_at: standing === 'suspended_admin' ? new Date() : null,
    });
  }
  return { id: organization.id, own };
}

/** A line of a twin, its names and addresses made its own. */
function lineOf(line: SyncLine, own: Twin['own']): SyncLine {
  switch (line.type) {
    case 'database':
      return { ...line, externalId: own(line.externalId) };
    case 'branch':
      return { ...line, externalId: own(line.externalId), database: own(line.database) };
    case 'database_role':
      return { ...line, database: own(line.database), who: whoOf(line.who, own) };
    case 'member':
    case 'member_removal':
      return { ...line, who: whoOf(line.who, own) };
  }
}

function whoOf(who: Who, own: Twin['own']): Who {
  return 'email' in who ? { email: `${own(who.email ?? '')}@one.test` } : who;
}

function told(error: unknown): string {
  if (!(error instanceof RefusedError)) throw error;
  const { refusal } = error;
  return toldOf(refusal);
}

function toldOf(refusal: RefusedError['refusal']): string {
  return `refused ${'reason' in refusal ? refusal.reason : refusal.code}`;
}

async function oneByOne({ id, own }: Twin, lines: readonly SyncLine[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const line of lines) {
    const done = syncLine(db, service, { organizationId: id }, lineOf(line, own));
    outcomes.push(await done.then(({ outcome }) => outcome, told));
  }
  return outcomes;
}

async function together({ id, own }: Twin, lines: readonly SyncLine[]): Promise<string[]> {
  try {
    const done = await syncBatch(
      db,
      service,
      { organizationId: id },
      lines.map((line) => lineOf(line, own)),
    );
    return done.map(({ outcome }) => outcome);
  } catch (error) {
    if (!(error instanceof BatchRefusedError)) throw error;
    return error.results.map((result) =>
      result.outcome === 'refused' ? toldOf(result.refusal) : result.outcome,
    );
  }
}

/** All that a batch could change, without what only one of the twins has. */
async function shown({ id, own }: Twin): Promise<string> {
  const world = worldIn(db);
  const tree = await world.run(
    `select d.slug, d.external_id, b.slug as branch, b.external_id as branch_id, b.production
       from databases d left join branches b on b.database_id = d.id
      where d.organization_id = $1 order by 1, 3`,
    [id],
  );
  const members = await world.run(
    `select a.email, m.role, m.suspended_at is not null as suspended
       from organization_members m join accounts a on a.id = m.account_id
      where m.organization_id = $1 order by 1`,
    [id],
  );
  const roles = await world.run(
    `select a.email, d.slug, r.role
       from database_roles r join accounts a on a.id = r.account_id
       join databases d on d.id = r.database_id
      where r.organization_id = $1 order by 1, 2`,
    [id],
  );
  return JSON.stringify([tree, members, roles]).replaceAll(own(''), '');
}

/** @returns the outcomes, which are the same in both ways. */
async function compare(start: Start, lines: readonly SyncLine[]): Promise<string[]> {
  const [batch, single] = [await plant(start), await plant(start)];
  const before = await shown(batch);
  const outcomes = await together(batch, lines);
  expect(outcomes).toEqual(await oneByOne(single, lines));
  const isRefused = outcomes.some((outcome) => outcome.startsWith('refused'));
  expect(await shown(batch)).toBe(isRefused ? before : await shown(single));
  return outcomes;
}

const slugs = fc.constantFrom('main', 'a', 'b', 'c');
const names = (kind: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${kind}${n}`);
const [databaseNames, branchNames] = [names('d', 4), names('b', 6)];

/** So many things, each with a slug of its own, and names of the platform that no two share. */
const startBranches = fc
  .record({
    slugs: fc.uniqueArray(slugs, { minLength: 1, maxLength: 4 }),
    production: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    named: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  })
  .map((of) => ({ ...of, production: [true, ...of.production.slice(1)] }));

const start: fc.Arbitrary<Start> = fc
  .record({
    databases: fc.uniqueArray(
      fc.record({ slug: slugs, named: fc.boolean(), branches: startBranches }),
      { maxLength: 3, selector: ({ slug }) => slug },
    ),
    free: fc.shuffledSubarray(branchNames, { minLength: branchNames.length }),
    members: fc.array(
      fc.constantFrom<Standing>(
        'organization_admin',
        'organization_member',
        'suspended_admin',
        'none',
      ),
      { minLength: 3, maxLength: 3 },
    ),
  })
  .map(({ databases, free, members }) => {
    const names = [...free];
    return {
      members: ['organization_admin' as const, ...members],
      databases: databases.map(({ slug, named, branches }, n) => ({
        slug,
        name: named ? `d${n}` : null,
        branches: branches.slugs.map((at, place) => ({
          slug: at,
          production: branches.production[place] === true,
          name: branches.named[place] ? (names.pop() ?? null) : null,
        })),
      })),
    };
  });

const databaseLine = (externalId: string): fc.Arbitrary<SyncLine> =>
  fc.record({ type: fc.constant('database'), externalId: fc.constant(externalId), slug: slugs });
const branchLine = (externalId: string): fc.Arbitrary<SyncLine> =>
  fc.record({
    type: fc.constant('branch'),
    externalId: fc.constant(externalId),
    database: fc.constantFrom(...databaseNames),
    slug: slugs,
    production: fc.boolean(),
  });
const memberLine = (email: string): fc.Arbitrary<SyncLine> =>
  fc.record({
    type: fc.constant('member'),
    who: fc.constant({ email }),
    name: fc.constant(undefined),
    role: fc.constantFrom(undefined, 'organization_member' as const, 'organization_admin' as const),
  });
const removalLine = (email: string): fc.Arbitrary<SyncLine> =>
  fc.record({ type: fc.constant('member_removal'), who: fc.constant({ email }) });
const roleLine = (email: string, database: string): fc.Arbitrary<SyncLine> =>
  fc.record({
    type: fc.constant('database_role'),
    database: fc.constant(database),
    who: fc.constant({ email }),
    role: fc.constantFrom(undefined, 'database_admin' as const, 'database_reader' as const),
  });

/** Each thing at most once, in any order. */
const lines: fc.Arbitrary<SyncLine[]> = fc
  .shuffledSubarray(
    [
      ...databaseNames.map(databaseLine),
      ...branchNames.map(branchLine),
      ...names('m', 5).map((name) => fc.oneof(memberLine(name), removalLine(name))),
      ...names('m', 5).map((name, n) => roleLine(name, `d${n % 3}`)),
    ],
    { minLength: 1, maxLength: 11 },
  )
  .chain((chosen) => fc.tuple(...chosen));

test('any lines on any organization', async () => {
  await fc.assert(
    fc.asyncProperty(start, lines, async (...of) => void (await compare(...of))),
    {
      numRuns: onPostgres ? 150 : 60,
    },
  );
}, 240_000);

describe('every rule over several lines', () => {
  const production = (name: string, slug = name): StartBranch => ({ name, slug, production: true });
  const one = (...branches: StartBranch[]): Start => ({
    databases: [{ name: 'd0', slug: 'shop', branches }],
    members: ['organization_admin'],
  });
  const branch = (externalId: string, isProduction: boolean, slug = externalId): SyncLine => ({
    type: 'branch',
    externalId,
    database: 'd0',
    slug,
    production: isProduction,
  });
  const member = (n: number, role = 'organization_member'): SyncLine => ({
    type: 'member',
    who: { email: `m${n}` },
    name: undefined,
    role,
  });

  const removal = (n: number): SyncLine => ({ type: 'member_removal', who: { email: `m${n}` } });
  const role = (n: number): SyncLine => ({
    type: 'database_role',
    database: 'd0',
    who: { email: `m${n}` },
    role: 'database_reader',
  });

  test.each<[what: string, start: Start, lines: SyncLine[], outcomes: string[]]>([
    [
      'all production branches are demoted: the last one stays',
      one(production('b0'), production('b1'), production('b2')),
      [branch('b0', false), branch('b1', false), branch('b2', false)],
      ['updated', 'updated', 'refused last_production_branch'],
    ],
    [
      'another one is promoted first',
      one(production('b0'), { name: 'b1', slug: 'b1', production: false }),
      [branch('b1', true), branch('b0', false)],
      ['updated', 'updated'],
    ],
    [
      'another one is made first',
      one(production('b0')),
      [branch('b1', true), branch('b0', false)],
      ['created', 'updated'],
    ],
    [
      'another one is promoted too late',
      one(production('b0'), { name: 'b1', slug: 'b1', production: false }),
      [branch('b0', false), branch('b1', true)],
      ['refused last_production_branch', 'updated'],
    ],
    [
      'the first branch of a database that is new as well',
      { databases: [], members: ['organization_admin'] },
      [
        { type: 'database', externalId: 'd0', slug: 'shop' },
        branch('b0', true, 'side'),
        branch('b1', false, 'main'),
      ],
      ['created', 'created', 'updated'],
    ],
    [
      'a database and its branch are named together',
      {
        databases: [
          { name: null, slug: 'shop', branches: [{ name: null, slug: 'main', production: true }] },
        ],
        members: ['organization_admin'],
      },
      [{ type: 'database', externalId: 'd0', slug: 'shop' }, branch('b0', true, 'main')],
      ['updated', 'updated'],
    ],
    [
      'all administrators become members: the last one stays',
      { databases: [], members: ['organization_admin', 'organization_admin'] },
      [member(0), member(1)],
      ['updated', 'refused last_administrator'],
    ],
    [
      'an administrator is made first, then the last one becomes a member',
      { databases: [], members: ['organization_admin'] },
      [member(1, 'organization_admin'), member(0)],
      ['created', 'updated'],
    ],
    [
      'the last administrator is removed',
      { databases: [], members: ['organization_admin', 'organization_member'] },
      [removal(1), removal(0), removal(2)],
      ['removed', 'refused last_administrator', 'absent'],
    ],
    [
      'a new member has a role on a new database',
      { databases: [], members: ['organization_admin'] },
      [{ type: 'database', externalId: 'd0', slug: 'shop' }, member(1), role(1)],
      ['created', 'created', 'created'],
    ],
    [
      'a role is given to somebody who is removed then',
      one(production('b0')),
      [member(1), role(0), role(1), removal(0)],
      ['created', 'created', 'created', 'refused last_administrator'],
    ],
    [
      'a role goes with its member',
      { ...one(production('b0')), members: ['organization_admin', 'organization_member'] },
      [role(1), removal(1)],
      ['created', 'removed'],
    ],
    [
      'a role is given to somebody who is no member',
      { ...one(production('b0')), members: ['organization_admin', 'organization_member'] },
      [removal(1), role(1)],
      ['removed', 'refused invalid'],
    ],
    [
      'two take one slug',
      one(production('b0')),
      [branch('b1', false, 'same'), branch('b2', false, 'same')],
      ['created', 'refused slug_taken'],
    ],
    [
      'one takes the slug that another gives up',
      one(production('b0', 'old')),
      [branch('b0', true, 'other'), branch('b1', false, 'old')],
      ['updated', 'created'],
    ],
  ])('%s', async (_what, begin, sent, outcomes) => {
    expect(await compare(begin, sent)).toEqual(outcomes);
  });
});
