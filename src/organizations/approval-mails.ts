/**
 * The mails about requests for an approval: to the administrators when a member asks, to the member
 * when it is answered. The reason stays out of them: a mail of ours says nothing in a stranger's words.
 *
 * @module
 */

import { administratorRoles } from '../members/roles.ts';
import {
  type ApprovalReader,
  administratorsToMail,
  askersToMail,
} from '../storage/clients/approval-readers.ts';
import type { ApprovalRequestIds } from '../storage/clients/approval-requests.ts';
import type { ApprovalIds } from '../storage/clients/approvals.ts';
import type { Db } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';

/** So many administrators get a mail about one request. */
const mostMailed = 20;

/** Mails the administrators about a request that was just made. */
export async function mailAdministrators(tx: Db, ids: ApprovalRequestIds): Promise<void> {
  const readers = await administratorsToMail(tx, ids, administratorRoles, mostMailed);
  await putMails(tx, 'approval-requested', readers, ids);
}

/** Mails those who wait for an answer, before their requests are marked or removed. */
export async function mailAskers(
  tx: Db,
  ids: ApprovalIds,
  kind: 'approval-given' | 'approval-declined',
): Promise<void> {
  await putMails(tx, kind, await askersToMail(tx, ids), ids);
}

async function putMails(
  tx: Db,
  kind: string,
  readers: readonly ApprovalReader[],
  { clientId }: ApprovalIds,
): Promise<void> {
  for (const { accountId, email, locale, slug, ...named } of readers) {
    const path = `/organizations/${slug}/applications/${encodeURIComponent(clientId)}`;
    const details = { ...named, path };
    await putNotice(tx, { kind, email, accountId, locale: locale ?? undefined, details });
  }
}
