/**
 * The rules of an organization once more, told naively over plain data and the published tables
 * alone. Shares nothing with `src`.
 */

import { cast, keysOnDatabase, permissionRows } from '../catalogue/rows-in-use.ts';

export const personCount = 5;
export const slots = [0, 1];

type Role = string;

export interface Model {
  baseRole: string;
  members: Map<number, { admin: boolean; suspended: boolean }>;
  invitations: Map<number, { admin: boolean; inviter: number }>;
  teams: Map<number, { members: Set<number>; databases: Set<number> }>;
  /** By slot: the direct roles, and the production flag of each branch. */
  databases: Map<number, { direct: Map<number, Role>; branches: Map<string, boolean> }>;
}

/** What a command is about; each takes from it what it needs. */
export interface Choice {
  actor: number;
  target: number;
  admin: boolean;
  role: Role;
  baseRole: Model['baseRole'];
  team: number;
  database: number;
  branch: 'main' | 'dev';
}

/** An organization as it begins: the person 0 is its administrator. */
export function newModel(): Model {
  return {
    baseRole: cast.defaultBaseRole,
    members: new Map([[0, { admin: true, suspended: false }]]),
    invitations: new Map(),
    teams: new Map(),
    databases: new Map(),
  };
}

/** The permissions on a database that a person holds, in table order. */
export function heldOn(model: Model, person: number, database: number): string[] {
  const member = model.members.get(person);
  const facts = model.databases.get(database);
  if (member === undefined || member.suspended || facts === undefined) return [];
  const role = member.admin ? cast.administrator : cast.member;
  const isInTeam = Array.from(model.teams.values()).some(
    (team) => team.members.has(person) && team.databases.has(database),
  );
  const roles = keysOnDatabase(role, model.baseRole, facts.direct.get(person), isInTeam);
  return permissionRows
    .filter((row) => row.on === 'database' && row.roles.some((role) => roles.has(role)))
    .map(({ id }) => id);
}

/** Somebody who is an Organization Administrator and not suspended. */
export function anAdministrator(model: Model): number {
  const [found] = Array.from(model.members).find(([, m]) => m.admin && !m.suspended) ?? [];
  if (found === undefined) throw new Error('nobody administers the organization');
  return found;
}

const isActive = (model: Model, person: number) => model.members.get(person)?.suspended === false;
const isAdmin = (model: Model, person: number) =>
  isActive(model, person) && model.members.get(person)?.admin === true;

/** What stops an act of administrators; undefined when nothing does. */
function adminsOnly(model: Model, { actor }: Choice): string | undefined {
  if (!isActive(model, actor)) return 'not_found';
  return isAdmin(model, actor) ? undefined : 'forbidden role';
}

/** What stops an act on another member. */
function onMember(model: Model, choice: Choice): string | undefined {
  const stopped = adminsOnly(model, choice);
  if (stopped) return stopped;
  if (choice.actor === choice.target) return 'forbidden own_role';
  return model.members.has(choice.target) ? undefined : 'not_found';
}

/** What stops an act on a database that takes a permission. */
function onDatabase(model: Model, { actor, database }: Choice, needs: string): string | undefined {
  const held = heldOn(model, actor, database);
  if (!held.includes(cast.acts.view)) return 'not_found';
  return held.includes(needs) ? undefined : 'forbidden role';
}

function onBranch(
  model: Model,
  choice: Choice,
  needs: { development: string; production: string },
): string | undefined {
  const production = model.databases.get(choice.database)?.branches.get(choice.branch);
  if (production === undefined) return 'not_found';
  return onDatabase(model, choice, needs[production ? 'production' : 'development']);
}

function onDirectRole(model: Model, choice: Choice): string | undefined {
  const stopped = onDatabase(model, choice, cast.acts.manageMembers);
  if (stopped) return stopped;
  const target = model.members.get(choice.target);
  if (target === undefined) return 'forbidden not_a_member';
  if (target.admin && !isAdmin(model, choice.actor)) return 'forbidden target_is_administrator';
  return undefined;
}

function isLastProduction(model: Model, { database, branch }: Choice): boolean {
  const branches = model.databases.get(database)?.branches ?? new Map<string, boolean>();
  const others = Array.from(branches).filter(([slug, production]) => slug !== branch && production);
  return branches.get(branch) === true && others.length === 0;
}

function forget(model: Model, person: number): void {
  model.members.delete(person);
  for (const { members } of model.teams.values()) members.delete(person);
  for (const { direct } of model.databases.values()) direct.delete(person);
}

/** Each command: changes the model where it is done, and tells what comes of it. */
export const rules = {
  invite: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    if (model.members.has(choice.target)) return 'conflict already_member';
    if (model.invitations.has(choice.target)) return 'conflict already_invited';
    model.invitations.set(choice.target, { admin: choice.admin, inviter: choice.actor });
    return 'done';
  },
  accept: (model, { target }) => {
    const invitation = model.invitations.get(target);
    if (invitation === undefined) return 'not_found';
    if (!isAdmin(model, invitation.inviter)) return 'gone inviter_lost_right';
    model.invitations.delete(target);
    model.members.set(target, { admin: invitation.admin, suspended: false });
    return 'done';
  },
  changeRole: (model, choice) => {
    const stopped = onMember(model, choice);
    const member = model.members.get(choice.target);
    if (stopped === undefined && member) member.admin = choice.admin;
    return stopped ?? 'done';
  },
  suspend: (model, choice) => {
    const stopped = onMember(model, choice);
    const member = model.members.get(choice.target);
    if (stopped === undefined && member) member.suspended = true;
    return stopped ?? 'done';
  },
  reinstate: (model, choice) => {
    const stopped = onMember(model, choice);
    const member = model.members.get(choice.target);
    if (stopped === undefined && member) member.suspended = false;
    return stopped ?? 'done';
  },
  remove: (model, choice) => {
    const stopped = onMember(model, choice);
    if (stopped === undefined) forget(model, choice.target);
    return stopped ?? 'done';
  },
  leave: (model, { actor }) => {
    if (!isActive(model, actor)) return 'not_found';
    const others = Array.from(model.members.keys()).filter((p) => p !== actor && isAdmin(model, p));
    if (isAdmin(model, actor) && others.length === 0) return 'conflict last_administrator';
    forget(model, actor);
    return 'done';
  },
  setBaseRole: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped === undefined) model.baseRole = choice.baseRole;
    return stopped ?? 'done';
  },
  createTeam: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    if (model.teams.has(choice.team)) return 'conflict slug_taken';
    model.teams.set(choice.team, { members: new Set(), databases: new Set() });
    return 'done';
  },
  deleteTeam: (model, choice) =>
    adminsOnly(model, choice) ?? (model.teams.delete(choice.team) ? 'done' : 'not_found'),
  addTeamMember: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    const team = model.teams.get(choice.team);
    if (team === undefined) return 'not_found';
    if (!model.members.has(choice.target)) return 'forbidden not_a_member';
    team.members.add(choice.target);
    return 'done';
  },
  removeTeamMember: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    return model.teams.get(choice.team)?.members.delete(choice.target) ? 'done' : 'not_found';
  },
  addTeamDatabase: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    const team = model.teams.get(choice.team);
    if (team === undefined || !model.databases.has(choice.database)) return 'not_found';
    team.databases.add(choice.database);
    return 'done';
  },
  removeTeamDatabase: (model, choice) => {
    const stopped = adminsOnly(model, choice);
    if (stopped) return stopped;
    return model.teams.get(choice.team)?.databases.delete(choice.database) ? 'done' : 'not_found';
  },
  createDatabase: (model, { actor, database }) => {
    if (!isActive(model, actor)) return 'not_found';
    if (model.databases.has(database)) return 'conflict slug_taken';
    model.databases.set(database, {
      direct: new Map([[actor, cast.databaseAdministrator]]),
      branches: new Map([['main', true]]),
    });
    return 'done';
  },
  deleteDatabase: (model, choice) => {
    const stopped = onDatabase(model, choice, cast.acts.manage);
    if (stopped) return stopped;
    model.databases.delete(choice.database);
    for (const { databases } of model.teams.values()) databases.delete(choice.database);
    return 'done';
  },
  giveRole: (model, choice) => {
    const stopped = onDirectRole(model, choice);
    const facts = model.databases.get(choice.database);
    if (stopped === undefined) facts?.direct.set(choice.target, choice.role);
    return stopped ?? 'done';
  },
  takeRole: (model, choice) => {
    const stopped = onDirectRole(model, choice);
    if (stopped) return stopped;
    const facts = model.databases.get(choice.database);
    return facts?.direct.delete(choice.target) ? 'done' : 'not_found';
  },
  stepDown: (model, choice) => {
    const stopped = onDatabase(model, choice, cast.acts.view);
    if (stopped) return stopped;
    const facts = model.databases.get(choice.database);
    return facts?.direct.delete(choice.actor) ? 'done' : 'not_found';
  },
  createBranch: (model, choice) => {
    const stopped = onDatabase(model, choice, cast.acts.createBranch);
    const branches = model.databases.get(choice.database)?.branches;
    if (stopped) return stopped;
    if (branches?.has(choice.branch)) return 'conflict slug_taken';
    branches?.set(choice.branch, false);
    return 'done';
  },
  promote: (model, choice) => {
    const stopped = onBranch(model, choice, cast.acts.promote);
    if (stopped === undefined) {
      model.databases.get(choice.database)?.branches.set(choice.branch, true);
    }
    return stopped ?? 'done';
  },
  demote: (model, choice) => {
    const stopped = onBranch(model, choice, cast.acts.promote);
    if (stopped) return stopped;
    if (isLastProduction(model, choice)) return 'conflict last_production_branch';
    model.databases.get(choice.database)?.branches.set(choice.branch, false);
    return 'done';
  },
  deleteBranch: (model, choice) => {
    const stopped = onBranch(model, choice, cast.acts.deleteBranch);
    if (stopped) return stopped;
    if (isLastProduction(model, choice)) return 'conflict last_production_branch';
    model.databases.get(choice.database)?.branches.delete(choice.branch);
    return 'done';
  },
} satisfies Record<string, (model: Model, choice: Choice) => string>;

export type CommandName = keyof typeof rules;
