/**
 * Teams, who is in them and what they administer. A token reaches none of it.
 *
 * @module
 */

import type { Actor } from '../../organizations/actor.ts';
import { readInsideOrganization } from '../../organizations/read-inside.ts';
import {
  addTeamDatabase,
  addTeamMember,
  removeTeamDatabase,
  removeTeamMember,
} from '../../organizations/team-contents.ts';
import { createTeam, deleteTeam, renameTeam, requireTeam } from '../../organizations/teams.ts';
import type { Database, Db } from '../../storage/engine/database.ts';
import {
  findTeam,
  listTeamDatabases,
  listTeamMembers,
  listTeams,
  type TeamPlace,
} from '../../storage/tree/teams.ts';
import { printDatabase, printPerson, printTeam } from './print.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const teams = '/organizations/{organization}/teams';
const team = `${teams}/{team}` as const;

async function current(db: Db, at: TeamPlace) {
  const found = await findTeam(db, at);
  return found && printTeam(found);
}

function lookAtTeam<Result>(
  db: Database,
  actor: Actor,
  at: TeamPlace,
  read: (tx: Db) => Promise<Result>,
): Promise<Result> {
  return readInsideOrganization(db, actor, 'teams.read', at.organizationId, async (tx) => {
    await requireTeam(tx, at);
    return read(tx);
  });
}

export const teamRoutes = [
  listRoute({
    id: 'listTeams',
    address: `GET ${teams}`,
    summary: 'The teams, by slug',
    act: 'teams.read',
    filters: schemas.bySlug,
    item: schemas.team,
    select: ({ db, actor, at: { organizationId }, query }, part) =>
      readInsideOrganization(db, actor, 'teams.read', organizationId, (tx) =>
        listTeams(tx, organizationId, query, part),
      ),
    print: printTeam,
  }),
  route({
    id: 'createTeam',
    address: `POST ${teams}`,
    summary: 'Create a team',
    act: 'team.created',
    conflicts: ['slug_taken'],
    body: schemas.nameAndSlug,
    status: 201,
    answer: schemas.team,
    run: ({ db, actor, at, body }) => createTeam(db, actor, at.organizationId, body),
    print: printTeam,
  }),
  route({
    id: 'readTeam',
    address: `GET ${team}`,
    summary: 'Read a team',
    act: 'teams.read',
    answer: schemas.team,
    run: ({ db, actor, at }) => lookAtTeam(db, actor, at, (tx) => requireTeam(tx, at)),
    print: printTeam,
  }),
  route({
    id: 'renameTeam',
    address: `PATCH ${team}`,
    summary: 'Change name and slug; the team keeps what it gives',
    act: 'team.renamed',
    conflicts: ['slug_taken'],
    body: schemas.nameAndSlug,
    answer: schemas.team,
    run: ({ db, actor, at, body }) => renameTeam(db, actor, at, body),
    print: printTeam,
    current,
  }),
  route({
    id: 'deleteTeam',
    address: `DELETE ${team}`,
    summary: 'Delete a team, and with it what it gave its members',
    act: 'team.deleted',
    status: 204,
    run: ({ db, actor, at }) => deleteTeam(db, actor, at),
    current,
  }),
  listRoute({
    id: 'listTeamMembers',
    address: `GET ${team}/members`,
    summary: 'Who is in a team',
    act: 'teams.read',
    item: schemas.person,
    select: ({ db, actor, at }, part) =>
      lookAtTeam(db, actor, at, (tx) => listTeamMembers(tx, at, part)),
    print: printPerson,
  }),
  route({
    id: 'addTeamMember',
    address: `PUT ${team}/members/{member}`,
    summary: 'Put a member into a team',
    act: 'team.member_added',
    status: 204,
    run: ({ db, actor, at }) => addTeamMember(db, actor, at),
  }),
  route({
    id: 'removeTeamMember',
    address: `DELETE ${team}/members/{member}`,
    summary: 'Take a member out of a team',
    act: 'team.member_removed',
    status: 204,
    run: ({ db, actor, at }) => removeTeamMember(db, actor, at),
  }),
  listRoute({
    id: 'listTeamDatabases',
    address: `GET ${team}/databases`,
    summary: 'What a team administers',
    act: 'teams.read',
    item: schemas.database,
    select: ({ db, actor, at }, part) =>
      lookAtTeam(db, actor, at, (tx) => listTeamDatabases(tx, at, part)),
    print: printDatabase,
  }),
  route({
    id: 'addTeamDatabase',
    address: `PUT ${team}/databases/{database}`,
    summary: 'Let a team administer a database',
    act: 'team.database_added',
    status: 204,
    run: ({ db, actor, at }) => addTeamDatabase(db, actor, at),
  }),
  route({
    id: 'removeTeamDatabase',
    address: `DELETE ${team}/databases/{database}`,
    summary: 'Take a database from a team',
    act: 'team.database_removed',
    status: 204,
    run: ({ db, actor, at }) => removeTeamDatabase(db, actor, at),
  }),
];
