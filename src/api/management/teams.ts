/**
 * Teams, who is in them and what they administer. A token reaches none of it.
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  addTeamDatabase,
  addTeamMember,
  removeTeamDatabase,
  removeTeamMember,
} from '../../organizations/team-contents.ts';
import { createTeam, deleteTeam, inTeam, renameTeam } from '../../organizations/teams.ts';
import type { Db } from '../../storage/engine/database.ts';
import {
  findTeam,
  listTeamDatabases,
  listTeamMembers,
  listTeams,
  type TeamIds,
} from '../../storage/tree/teams.ts';
import { printDatabase, printPerson, printTeam } from './print.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const teams = '/organizations/{organization}/teams';
const team = `${teams}/{team}` as const;

async function current(db: Db, at: TeamIds) {
  const found = await findTeam(db, at);
  return found && printTeam(found);
}

export const teamRoutes = [
  listRoute({
    id: 'listTeams',
    address: `GET ${teams}`,
    summary: 'The teams, by slug',
    act: 'teams.read',
    filters: schemas.bySlug,
    item: schemas.team,
    select: ({ db, actor, at, query }, part) =>
      readInside(db, inOrganization(actor, 'teams.read', at), (tx) =>
        listTeams(tx, at.organizationId, query, part),
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
    run: ({ work, actor, at, body }) => createTeam(work, actor, at.organizationId, body),
    print: printTeam,
  }),
  route({
    id: 'readTeam',
    address: `GET ${team}`,
    summary: 'Read a team',
    act: 'teams.read',
    answer: schemas.team,
    run: ({ db, actor, at }) =>
      readInside(db, inTeam(actor, 'teams.read', at), async (_tx, here) => here.team),
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
    run: ({ work, actor, at, body }) => renameTeam(work, actor, at, body),
    print: printTeam,
    current,
  }),
  route({
    id: 'deleteTeam',
    address: `DELETE ${team}`,
    summary: 'Delete a team, and with it what it gave its members',
    act: 'team.deleted',
    status: 204,
    run: ({ work, actor, at }) => deleteTeam(work, actor, at),
    current,
  }),
  listRoute({
    id: 'listTeamMembers',
    address: `GET ${team}/members`,
    summary: 'Who is in a team',
    act: 'teams.read',
    item: schemas.person,
    select: ({ db, actor, at }, part) =>
      readInside(db, inTeam(actor, 'teams.read', at), (tx) => listTeamMembers(tx, at, part)),
    print: printPerson,
  }),
  route({
    id: 'addTeamMember',
    address: `PUT ${team}/members/{member}`,
    summary: 'Put a member into a team',
    act: 'team.member_added',
    status: 204,
    run: ({ work, actor, at }) => addTeamMember(work, actor, at),
  }),
  route({
    id: 'removeTeamMember',
    address: `DELETE ${team}/members/{member}`,
    summary: 'Take a member out of a team',
    act: 'team.member_removed',
    status: 204,
    run: ({ work, actor, at }) => removeTeamMember(work, actor, at),
  }),
  listRoute({
    id: 'listTeamDatabases',
    address: `GET ${team}/databases`,
    summary: 'What a team administers',
    act: 'teams.read',
    item: schemas.database,
    select: ({ db, actor, at }, part) =>
      readInside(db, inTeam(actor, 'teams.read', at), (tx) => listTeamDatabases(tx, at, part)),
    print: printDatabase,
  }),
  route({
    id: 'addTeamDatabase',
    address: `PUT ${team}/databases/{database}`,
    summary: 'Let a team administer a database',
    act: 'team.database_added',
    status: 204,
    run: ({ work, actor, at }) => addTeamDatabase(work, actor, at),
  }),
  route({
    id: 'removeTeamDatabase',
    address: `DELETE ${team}/databases/{database}`,
    summary: 'Take a database from a team',
    act: 'team.database_removed',
    status: 204,
    run: ({ work, actor, at }) => removeTeamDatabase(work, actor, at),
  }),
];
