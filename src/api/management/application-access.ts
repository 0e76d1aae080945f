/**
 * What the members of an organization allowed to applications there, and which it shuts out. A token
 * reaches none of it.
 *
 * @module
 */

import { readInside } from '../../organizations/inside.ts';
import { found } from '../../organizations/refusals.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { liftShutOut, shutOutApplication } from '../../organizations/shut-outs.ts';
import { endUnusedAccess, readUnusedAccess } from '../../organizations/unused-access.ts';
import {
  findApplicationAccess,
  listApplicationAccess,
  listMemberAccess,
} from '../../storage/clients/application-access.ts';
import { accessInUse } from '../../storage/clients/application-uses.ts';
import type { ApprovalIds } from '../../storage/clients/approvals.ts';
import { findShutOut, listShutOuts } from '../../storage/clients/shut-outs.ts';
import { findUnused } from '../../storage/clients/unused-access.ts';
import type { Db } from '../../storage/engine/database.ts';
import * as schemas from './access-schemas.ts';
import {
  printApplicationAccess,
  printEnded,
  printMemberAccess,
  printShutOut,
  printUnused,
  printUse,
} from './print-access.ts';
import { listRoute, route } from './route.ts';

const applications = '/organizations/{organization}/applications';
const shutOuts = '/organizations/{organization}/shut-outs';
const act = 'application_access.read';

async function current(db: Db, at: ApprovalIds) {
  const shutOut = await findShutOut(db, at);
  return shutOut && printShutOut(shutOut);
}

export const applicationAccessRoutes = [
  listRoute({
    id: 'listApplicationAccess',
    address: `GET ${applications}`,
    summary: 'The applications that members allowed something, by client id',
    act,
    item: schemas.applicationAccess,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, act, at), (tx) =>
        listApplicationAccess(tx, at.organizationId, part),
      ),
    print: printApplicationAccess,
  }),
  route({
    id: 'readApplicationAccess',
    address: `GET ${applications}/{application}`,
    summary: 'Read what members allowed an application',
    act,
    answer: schemas.applicationUse,
    run: ({ db, actor, at }) =>
      readInside(db, inOrganization(actor, act, at), async (tx) => ({
        access: found(await findApplicationAccess(tx, at)),
        use: await accessInUse(tx, at),
      })),
    print: printUse,
  }),
  route({
    id: 'readUnusedAccess',
    address: `GET ${applications}/{application}/unused`,
    summary: 'Read what members allowed an application and nobody used in 90 days',
    description:
      'Empty where no use was counted. Scopes are listed where resource servers always said what a token was used for.',
    act,
    answer: schemas.unusedAccess,
    run: ({ db, actor, at }) => readUnusedAccess(db, actor, at),
    print: printUnused,
  }),
  route({
    id: 'endUnusedAccess',
    address: `DELETE ${applications}/{application}/unused`,
    summary: 'End what members allowed an application and nobody used; tokens lose it at once',
    description:
      'Ends what is unused at that moment; with If-Match, only what was read. The audit log names it.',
    act: 'application.unused_ended',
    answer: schemas.endedAccess,
    run: ({ work, actor, at }) => endUnusedAccess(work, actor, at),
    print: printEnded,
    current: async (tx, at) => printUnused(await findUnused(tx, at)),
  }),
  listRoute({
    id: 'listMemberAccess',
    address: `GET ${applications}/{application}/members`,
    summary: 'Who allowed an application what, and where, in the organization',
    act,
    item: schemas.memberAccess,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, act, at), async (tx) => {
        found(await findApplicationAccess(tx, at));
        return listMemberAccess(tx, at, part);
      }),
    print: printMemberAccess,
  }),
  listRoute({
    id: 'listShutOuts',
    address: `GET ${shutOuts}`,
    summary: 'The applications that are shut out, by client id',
    act,
    item: schemas.shutOut,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, act, at), (tx) =>
        listShutOuts(tx, at.organizationId, part),
      ),
    print: printShutOut,
  }),
  route({
    id: 'shutOutApplication',
    address: `PUT ${shutOuts}/{application}`,
    summary: 'Shut an application out: all it was allowed here ends, and it stays out',
    description:
      "Also the organization's own. The approval and the requests for one end too; the audit log names the people.",
    act: 'application.shut_out',
    answer: schemas.shutOut,
    run: ({ work, actor, at }) => shutOutApplication(work, actor, at),
    print: printShutOut,
    current,
  }),
  route({
    id: 'liftShutOut',
    address: `DELETE ${shutOuts}/{application}`,
    summary: 'Let an application in again; nothing that ended comes back',
    act: 'application.shut_out_lifted',
    status: 204,
    run: ({ work, actor, at }) => liftShutOut(work, actor, at),
    current,
  }),
];
