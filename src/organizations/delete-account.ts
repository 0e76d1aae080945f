/**
 * Deleting one's own account: out of every organization, every token dead, and nothing personal
 * left, in the audit trail either.
 *
 * @module
 */

import { printId } from '../lib/ids.ts';
import { blankAuditEvents, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { deleteOwnClients } from '../storage/clients/own-clients.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { deleteAccountLinks } from '../storage/people/account-links.ts';
import { deleteNotices, putNotice } from '../storage/people/account-notices.ts';
import { emptyAccount, holdAccountToDelete, organizationsOf } from '../storage/people/accounts.ts';
import { dropMailTo } from '../storage/people/mail-outbox.ts';
import { deleteMember, findMember, type MemberIds } from '../storage/people/members.ts';
import { lockOrganization } from '../storage/tree/organizations.ts';
import type { Person } from './actor.ts';
import { checkAdministratorStays } from './administrators.ts';
import { audited } from './audited.ts';
import { forbidden, notFound } from './refusals.ts';

/**
 * Deletes the account, and sends a mail to its address.
 *
 * @param locale of whoever asks.
 * @throws {RefusedError} `conflict` last_administrator in one of the organizations: nothing is
 *   deleted; `forbidden` by token; `not_found`: no active account.
 */
export function deleteAccount(work: Work, actor: Person, locale?: string): Promise<void> {
  const { accountId } = actor;
  const nameless = { ...actor, origin: undefined }; // where they were is personal data as well
  const deed = { action: 'account.deleted', subject: printId('user', accountId) };
  return audited(work, nameless, deed, async (tx) => {
    if (actor.via.kind !== 'session') throw forbidden('not_by_token');
    const email = await holdAccountToDelete(tx, accountId);
    if (email === undefined) throw notFound();
    for (const organizationId of await organizationsOf(tx, accountId)) {
      await leave(tx, { organizationId, accountId });
    }
    await deleteOwnClients(tx, accountId);
    await emptyAccount(tx, accountId);
    await dropMailTo(tx, email);
    await deleteAccountLinks(tx, accountId, email);
    await deleteNotices(tx, accountId);
    await putNotice(tx, { kind: deletedNotice, email, accountId: undefined, locale, details: {} });
    await blankAuditEvents(tx, accountId, email);
    return { result: undefined, before: { status: 'active' }, after: { status: 'deleted' } };
  });
}

/** The kind of mail about it, written by accounts/notices.ts. */
const deletedNotice = 'account-deleted';

async function leave(tx: Db, ids: MemberIds): Promise<void> {
  await lockOrganization(tx, ids.organizationId);
  const member = await findMember(tx, ids);
  if (member === undefined) return; // removed while the lock was waited for
  await checkAdministratorStays(tx, member, undefined);
  await deleteMember(tx, ids);
  const { role, suspended } = member;
  await recordAuditEvent(tx, {
    action: 'member.left',
    actorAccountId: ids.accountId,
    organizationId: ids.organizationId,
    subject: printId('user', ids.accountId),
    before: { role, suspended },
  });
}
