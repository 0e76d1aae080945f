/**
 * What a request would do, as the audit trail records it when the request is stopped before its use
 * case.
 *
 * @module
 */

import { type IdKind, printId } from '../../lib/ids.ts';
import type { Deed } from '../../organizations/audited.ts';
import { printInvitationId } from '../../organizations/invitations.ts';
import type { Route } from './route.ts';

type Ids = Readonly<Record<string, string>>;

/** As the use cases name what they change: a person only where nothing else is named. */
const subjects: readonly (readonly [name: string, print: (id: string) => string])[] = [
  ['invitationId', printInvitationId],
  ['branchId', printer('branch')],
  ['teamId', printer('team')],
  ['databaseId', printer('database')],
  ['clientId', (id) => id],
  ['ownedClientId', (id) => id],
  ['resourceServerId', (id) => id],
  ['accountId', printer('user')],
  ['organizationId', printer('organization')],
];

function printer(kind: IdKind) {
  return (id: string) => printId(kind, id);
}

/** @returns undefined for a mere look, and where no organization is concerned. */
export function privilegedDeed({ act, address }: Route, at: Ids): Deed | undefined {
  const isLook = address.startsWith('GET ') && act !== 'audit_log.read';
  const { organizationId } = at;
  if (act === undefined || isLook || organizationId === undefined) return undefined;
  const subject = subjects.flatMap(([name, print]) => {
    const id = at[name];
    return id === undefined ? [] : [print(id)];
  })[0];
  return { action: act, organizationId, subject: subject ?? '', at: { ...at, organizationId } };
}
