/**
 * Branches: which of these scopes count depends on the kind of the branch at that moment.
 *
 * @module
 */

import {
  createBranch,
  deleteBranch,
  demoteBranch,
  promoteBranch,
  renameBranch,
} from '../../organizations/branches.ts';
import { readInside } from '../../organizations/inside.ts';
import { inBranch, inDatabase } from '../../organizations/rights.ts';
import type { Db } from '../../storage/engine/database.ts';
import { type BranchIds, findBranch, listBranches } from '../../storage/tree/branches.ts';
import { printBranch } from './print.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const branches = '/organizations/{organization}/databases/{database}/branches';
const branch = `${branches}/{branch}` as const;

async function current(db: Db, at: BranchIds) {
  const found = await findBranch(db, at);
  return found && printBranch(found);
}

export const branchRoutes = [
  listRoute({
    id: 'listBranches',
    address: `GET ${branches}`,
    summary: 'The branches, by slug',
    act: 'branches.read',
    filters: schemas.bySlug,
    item: schemas.branch,
    select: ({ db, actor, at, query }, part) =>
      readInside(db, inDatabase(actor, 'branches.read', at), (tx) =>
        listBranches(tx, at, query, part),
      ),
    print: printBranch,
    itemOf: ({ id }) => ({ kind: 'branch', id }),
  }),
  route({
    id: 'createBranch',
    address: `POST ${branches}`,
    summary: 'Create a development branch',
    act: 'branch.created',
    conflicts: ['slug_taken', 'managed_by_platform'],
    body: schemas.slugAlone,
    status: 201,
    answer: schemas.branch,
    run: ({ work, actor, at, body }) => createBranch(work, actor, at, body.slug),
    print: printBranch,
  }),
  route({
    id: 'readBranch',
    address: `GET ${branch}`,
    summary: 'Read a branch',
    act: 'branch.read',
    answer: schemas.branch,
    run: ({ db, actor, at }) =>
      readInside(db, inBranch(actor, 'branch.read', at), async (_tx, { branch }) => branch),
    print: printBranch,
  }),
  route({
    id: 'renameBranch',
    address: `PATCH ${branch}`,
    summary: 'Change the slug; everything stays bound to the id',
    act: 'branch.renamed',
    conflicts: ['slug_taken', 'managed_by_platform'],
    body: schemas.slugAlone,
    answer: schemas.branch,
    run: ({ work, actor, at, body }) => renameBranch(work, actor, at, body.slug),
    print: printBranch,
    current,
  }),
  route({
    id: 'promoteBranch',
    address: `POST ${branch}/promote`,
    summary: 'Make it a production branch',
    act: 'branch.promoted',
    conflicts: ['managed_by_platform'],
    answer: schemas.branch,
    run: ({ work, actor, at }) => promoteBranch(work, actor, at),
    print: printBranch,
    current,
  }),
  route({
    id: 'demoteBranch',
    address: `POST ${branch}/demote`,
    summary: 'Make it a development branch; the last production branch stays one',
    act: 'branch.demoted',
    conflicts: ['last_production_branch', 'managed_by_platform'],
    answer: schemas.branch,
    run: ({ work, actor, at }) => demoteBranch(work, actor, at),
    print: printBranch,
    current,
  }),
  route({
    id: 'deleteBranch',
    address: `DELETE ${branch}`,
    summary: 'Delete a branch; the last production branch stays',
    act: 'branch.deleted',
    conflicts: ['last_production_branch', 'managed_by_platform'],
    status: 204,
    run: ({ work, actor, at }) => deleteBranch(work, actor, at),
    current,
  }),
];
