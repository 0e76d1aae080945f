/**
 * Databases, their people, and what somebody may do there and why.
 *
 * @module
 */

import { z } from 'zod';
import {
  giveDatabaseRole,
  stepDown,
  takeDatabaseRole,
} from '../../organizations/database-people.ts';
import {
  createDatabase,
  deleteDatabase,
  renameDatabase,
  visibleDatabases,
} from '../../organizations/databases.ts';
import { effectiveAccess } from '../../organizations/effective-access.ts';
import { readInside } from '../../organizations/inside.ts';
import { inDatabase } from '../../organizations/rights.ts';
import type { Db } from '../../storage/engine/database.ts';
import {
  type DatabaseIds,
  findDatabase,
  listDatabaseMembers,
} from '../../storage/tree/databases.ts';
import { listTeamsOfDatabase } from '../../storage/tree/teams.ts';
import { personOf } from './person.ts';
import { printAccess, printDatabase, printDatabaseMember, printTeam } from './print.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const databases = '/organizations/{organization}/databases';
const database = `${databases}/{database}` as const;

async function current(db: Db, at: DatabaseIds) {
  const found = await findDatabase(db, at);
  return found && printDatabase(found);
}

export const databaseRoutes = [
  listRoute({
    id: 'listDatabases',
    address: `GET ${databases}`,
    summary: 'The databases that the caller may see, by slug',
    act: 'databases.read',
    filters: schemas.bySlug,
    item: schemas.database,
    select: ({ db, actor, at, query }, part) => visibleDatabases(db, actor, at, query, part),
    print: printDatabase,
    itemOf: ({ id }) => ({ kind: 'database', id }),
  }),
  route({
    id: 'createDatabase',
    address: `POST ${databases}`,
    summary: 'Create a database with the production branch `main`',
    description: 'The person who creates it is its Database Administrator.',
    act: 'database.created',
    conflicts: ['slug_taken'],
    body: schemas.slugAlone,
    status: 201,
    answer: schemas.database,
    run: ({ work, actor, at, body }) => createDatabase(work, actor, at.organizationId, body.slug),
    print: printDatabase,
  }),
  route({
    id: 'readDatabase',
    address: `GET ${database}`,
    summary: 'Read a database',
    act: 'database.read',
    answer: schemas.database,
    run: ({ db, actor, at }) =>
      readInside(db, inDatabase(actor, 'database.read', at), async (_tx, here) => here.database),
    print: printDatabase,
  }),
  route({
    id: 'renameDatabase',
    address: `PATCH ${database}`,
    summary: 'Change the slug; everything stays bound to the id',
    act: 'database.renamed',
    conflicts: ['slug_taken', 'managed_by_platform'],
    body: schemas.slugAlone,
    answer: schemas.database,
    run: ({ work, actor, at, body }) => renameDatabase(work, actor, at, body.slug),
    print: printDatabase,
    current,
  }),
  route({
    id: 'deleteDatabase',
    address: `DELETE ${database}`,
    summary: 'Delete a database with its branches',
    act: 'database.deleted',
    conflicts: ['managed_by_platform'],
    status: 204,
    run: ({ work, actor, at }) => deleteDatabase(work, actor, at),
    current,
  }),
];

export const databasePeopleRoutes = [
  listRoute({
    id: 'listDatabaseMembers',
    address: `GET ${database}/members`,
    summary: 'The administrators, developers and readers to whom a role was given directly',
    act: 'database_members.read',
    filters: { role: schemas.databaseRole.optional() },
    item: schemas.databaseMember,
    select: ({ db, actor, at, query }, part) =>
      readInside(db, inDatabase(actor, 'database_members.read', at), (tx) =>
        listDatabaseMembers(tx, at, query.role, part),
      ),
    print: printDatabaseMember,
  }),
  listRoute({
    id: 'listDatabaseTeams',
    address: `GET ${database}/teams`,
    summary: 'The teams that administer the database, by slug',
    act: 'database_teams.read',
    item: schemas.team,
    select: ({ db, actor, at }, part) =>
      readInside(db, inDatabase(actor, 'database_teams.read', at), (tx) =>
        listTeamsOfDatabase(tx, at, part),
      ),
    print: printTeam,
  }),
  route({
    id: 'giveDatabaseRole',
    address: `PUT ${database}/members/{member}`,
    summary: 'Give a member a role on the database, or change the one given directly',
    act: 'database_role.given',
    body: z.strictObject({ role: schemas.databaseRole }),
    status: 204,
    run: ({ work, actor, at, body }) => giveDatabaseRole(work, actor, at, body.role),
  }),
  route({
    id: 'takeDatabaseRole',
    address: `DELETE ${database}/members/{member}`,
    summary: 'Take the role that was given directly',
    act: 'database_role.taken',
    status: 204,
    run: ({ work, actor, at }) => takeDatabaseRole(work, actor, at),
  }),
  route({
    id: 'stepDown',
    address: `POST ${database}/step-down`,
    summary: "Give one's own direct role back",
    act: 'database_role.stepped_down',
    status: 204,
    run: ({ work, actor, at }) => stepDown(work, personOf(actor), at),
  }),
  route({
    id: 'readAccess',
    address: `GET ${database}/members/{member}/access`,
    summary: 'What a member may do on the database, and why',
    act: 'access.read',
    answer: schemas.access,
    run: ({ db, actor, at }) => effectiveAccess(db, actor, at),
    print: printAccess,
  }),
  route({
    id: 'readOwnAccess',
    address: `GET ${database}/access`,
    summary: 'What the person may do on the database, and why',
    act: 'own_access.read',
    answer: schemas.access,
    run: ({ db, actor, at }) =>
      effectiveAccess(db, actor, { ...at, accountId: personOf(actor).accountId }),
    print: printAccess,
  }),
];
