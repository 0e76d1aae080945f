/**
 * Random sequences of use cases against the oracle: every outcome, and after every step what each
 * person may do on each database, and what introspection says of a token of each.
 */

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { acceptInvitation } from '../../src/organizations/answer-invitation.ts';
import {
  createBranch,
  deleteBranch,
  demoteBranch,
  promoteBranch,
} from '../../src/organizations/branches.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import {
  giveDatabaseRole,
  stepDown,
  takeDatabaseRole,
} from '../../src/organizations/database-people.ts';
import { createDatabase, deleteDatabase } from '../../src/organizations/databases.ts';
import { effectiveAccess } from '../../src/organizations/effective-access.ts';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { invite } from '../../src/organizations/invitations.ts';
import {
  changeMemberRole,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../src/organizations/members.ts';
import { setBaseRole } from '../../src/organizations/organization-settings.ts';
import { RefusedError } from '../../src/organizations/refusals.ts';
import {
  addTeamDatabase,
  addTeamMember,
  removeTeamDatabase,
  removeTeamMember,
} from '../../src/organizations/team-contents.ts';
import { createTeam, deleteTeam } from '../../src/organizations/teams.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { cast, runsOf } from '../catalogue/rows-in-use.ts';
import { onPostgres, openTestDatabase } from '../support/database.ts';
import { texts } from '../support/texts.ts';
import { makeTokens, scopesOn, type Tokens } from './introspected.ts';
import {
  anAdministrator,
  type Choice,
  type CommandName,
  heldOn,
  type Model,
  newModel,
  personCount,
  rules,
  slots,
} from './oracle.ts';
import { emailOf, freshSlug, inSession, makeAccount, outcomeOf } from './world.ts';

const database = await openTestDatabase();
const { db } = database;
afterAll(() => database.close());

const persons = await Promise.all(Array.from({ length: personCount }, () => makeAccount(db)));

/** The ids behind the slots; a slot keeps its last id when what it meant is gone. */
interface Real {
  readonly organizationId: string;
  readonly ids: Map<string, string>;
  readonly tokens: Tokens;
}

async function newReal(): Promise<Real> {
  const named = { slug: freshSlug(), name: 'Model' };
  await db.query(forgetMail);
  const organizationId = await createOrganization(db, person(0), named);
  const tokens = await makeTokens(db, organizationId, persons);
  return { organizationId, ids: new Map(), tokens };
}

const person = (index: number) => inSession(persons[index] ?? '');

/** A choice as the use cases take it. */
function placesOf({ organizationId, ids }: Real, choice: Choice) {
  const idOf = (key: string) => ids.get(key) ?? newId();
  return {
    organizationId,
    accountId: persons[choice.target] ?? '',
    teamId: idOf(`team ${choice.team}`),
    databaseId: idOf(`database ${choice.database}`),
    branchId: idOf(`branch ${choice.database} ${choice.branch}`),
  };
}

/** The same people are invited in every sequence: each has an hour of its own. */
const forgetMail = statement('delete from attempt_counters');
const mainOf = statement(`select id from branches where database_id = $1 and slug = 'main'`);
type Run = (real: Real, choice: Choice) => Promise<unknown>;

const organizationRole = ({ admin }: Choice) => (admin ? cast.administrator : cast.member);

/** A use case that takes the actor and the place alone. */
function plain(
  useCase: (
    on: typeof db,
    actor: ReturnType<typeof person>,
    at: ReturnType<typeof placesOf>,
  ) => Promise<unknown>,
): Run {
  return (real, choice) => useCase(db, person(choice.actor), placesOf(real, choice));
}

const runs: Record<CommandName, Run> = {
  invite: async (real, choice) => {
    const wish = {
      email: emailOf(persons[choice.target] ?? ''),
      role: organizationRole(choice),
    } as const;
    const { id } = await invite(db, person(choice.actor), real.organizationId, wish);
    real.ids.set(`invitation ${choice.target}`, id);
  },
  accept: async ({ ids }, { target }) => {
    const mail = await composeInvitation(db, ids.get(`invitation ${target}`) ?? newId(), {
      issuer: 'http://u',
      messages: texts,
    });
    await acceptInvitation(
      db,
      person(target),
      /invitations\/(\S+)/.exec(mail?.text ?? '')?.[1] ?? '',
    );
  },
  changeRole: (real, choice) =>
    changeMemberRole(db, person(choice.actor), placesOf(real, choice), organizationRole(choice)),
  suspend: plain(suspendMember),
  reinstate: plain(reinstateMember),
  remove: plain(removeMember),
  leave: (real, { actor }) => leaveOrganization(db, person(actor), real.organizationId),
  setBaseRole: (real, { actor, baseRole }) =>
    setBaseRole(db, person(actor), real.organizationId, baseRole),
  createTeam: async (real, { actor, team }) => {
    const named = { slug: `t${team}`, name: 'Team' };
    const { id } = await createTeam(db, person(actor), real.organizationId, named);
    real.ids.set(`team ${team}`, id);
  },
  deleteTeam: plain(deleteTeam),
  addTeamMember: plain(addTeamMember),
  removeTeamMember: plain(removeTeamMember),
  addTeamDatabase: plain(addTeamDatabase),
  removeTeamDatabase: plain(removeTeamDatabase),
  createDatabase: async (real, { actor, database: slot }) => {
    const { id } = await createDatabase(db, person(actor), real.organizationId, `d${slot}`);
    const [main] = await db.query<{ id: string }>(mainOf, [id]);
    real.ids.set(`database ${slot}`, id).set(`branch ${slot} main`, main?.id ?? '');
  },
  deleteDatabase: plain(deleteDatabase),
  giveRole: (real, choice) =>
    giveDatabaseRole(db, person(choice.actor), placesOf(real, choice), choice.role),
  takeRole: plain(takeDatabaseRole),
  stepDown: plain(stepDown),
  createBranch: async (real, choice) => {
    const at = placesOf(real, choice);
    const { id } = await createBranch(db, person(choice.actor), at, choice.branch);
    real.ids.set(`branch ${choice.database} ${choice.branch}`, id);
  },
  promote: plain(promoteBranch),
  demote: plain(demoteBranch),
  deleteBranch: plain(deleteBranch),
};

/** What a person holds on a database, as somebody else or they themselves are told. */
async function told(real: Real, asked: number, choice: Choice): Promise<string[] | string> {
  try {
    const held = await effectiveAccess(db, person(asked), placesOf(real, choice));
    return held.map(({ permission }) => permission);
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal.code;
    throw error;
  }
}

async function compareAccess(model: Model, real: Real, choice: Choice): Promise<void> {
  const administrator = anAdministrator(model);
  for (const slot of model.databases.keys()) {
    for (const target of persons.keys()) {
      const about = { ...choice, target, database: slot };
      const held = heldOn(model, target, slot);
      const seen = model.members.has(target) ? held : 'not_found';
      expect(await told(real, administrator, about)).toEqual(seen);
      if (target !== choice.actor) continue;
      expect(await told(real, target, about)).toEqual(held.length > 0 ? held : 'not_found');
    }
  }
}

/** Everything there is, in the words of the model and with its id. */
function thingsOf(model: Model, { organizationId, ids }: Real) {
  const databases = Array.from(model.databases).flatMap(([database, { branches }]) => [
    { kind: 'database', database, id: ids.get(`database ${database}`) ?? '' } as const,
    ...Array.from(branches, ([branch, production]) => {
      const id = ids.get(`branch ${database} ${branch}`) ?? '';
      return { kind: 'branch', database, production, id } as const;
    }),
  ]);
  return [{ kind: 'organization', id: organizationId } as const, ...databases];
}

async function compareIntrospection(model: Model, real: Real): Promise<void> {
  const things = thingsOf(model, real);
  for (const target of persons.keys()) {
    const expected = things.map((thing) =>
      real.tokens.isConsented(target) ? scopesOn(model, target, thing) : [],
    );
    const told = await real.tokens.scopes(target, things);
    if (told !== undefined) expect([target, told]).toEqual([target, expected]);
  }
}

/** After these a membership is over, and with it what was consented to there. */
const endsMembership: Partial<Record<CommandName, 'target' | 'actor'>> = {
  remove: 'target',
  leave: 'actor',
};

async function step(name: CommandName, model: Model, real: Real, choice: Choice): Promise<void> {
  const expected = rules[name](model, choice);
  expect(await outcomeOf(runs[name](real, choice))).toBe(expected);
  const whose = endsMembership[name];
  if (whose !== undefined && expected === 'done') real.tokens.lose(choice[whose]);
}

const usual: Choice = {
  actor: 0,
  target: 0,
  admin: false,
  role: cast.databaseRoles[2] ?? '',
  baseRole: cast.defaultBaseRole,
  team: 0,
  database: 0,
  branch: 'dev',
};

/** How every sequence begins: two administrators, two members, a stranger; something of everything. */
const beginning: [name: CommandName, choice: Partial<Choice>][] = [
  ...[1, 2, 3].flatMap((target): [CommandName, Partial<Choice>][] => [
    ['invite', { target, admin: target === 1 }],
    ['accept', { target }],
  ]),
  ['createDatabase', { actor: 2, database: 0 }],
  ['createDatabase', { database: 1 }],
  ['createBranch', { database: 0 }],
  ['createTeam', {}],
  ['addTeamMember', { target: 3 }],
  ['addTeamDatabase', { database: 1 }],
  ['giveRole', { target: 3, database: 0, role: cast.databaseRoles[1] ?? '' }],
];

async function begin(): Promise<{ model: Model; real: Real }> {
  const [model, real] = [newModel(), await newReal()];
  for (const [name, choice] of beginning) await step(name, model, real, { ...usual, ...choice });
  await real.tokens.renew(model);
  return { model, real };
}

/** Mostly the person who may, so that a sequence gets somewhere. */
const actor = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, fc.nat(personCount - 1));
const slot = fc.constantFrom(...slots);
const choices: fc.Arbitrary<Choice> = fc.record({
  actor,
  target: fc.nat(personCount - 1),
  admin: fc.boolean(),
  role: fc.constantFrom(...cast.databaseRoles),
  baseRole: fc.constantFrom(...cast.baseRoles),
  team: slot,
  database: slot,
  branch: fc.constantFrom('main', 'dev'),
});

function command(name: CommandName): fc.Arbitrary<fc.AsyncCommand<Model, Real>> {
  return choices.map((choice) => ({
    check: () => true,
    run: async (model, real) => {
      await step(name, model, real, choice);
      await compareAccess(model, real, choice);
      // First with the tokens as they are: an old one gets nothing back by joining again.
      await compareIntrospection(model, real);
      await real.tokens.renew(model);
    },
    toString: () => `${name}(${JSON.stringify(choice)})`,
  }));
}

test('every sequence of use cases does what the rules say', async () => {
  const often = ['invite', 'accept', 'createDatabase', 'giveRole', 'addTeamMember'] as const;
  const names = [...(Object.keys(rules) as CommandName[]), ...often];
  const sequences = fc.commands(names.map(command), { maxCommands: 50, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sequences, (commands) => fc.asyncModelRun(begin, commands)),
    { numRuns: runsOf(onPostgres ? 40 : 12) },
  );
}, 180_000);
