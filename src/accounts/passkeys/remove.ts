/**
 * Removing a way in: a passkey, or the password. One is always left; the account is held meanwhile, so
 * that two removals at once cannot each leave the other.
 *
 * Other sessions go on: what they were begun with was good at that time. Whoever thinks otherwise ends
 * them on the same page.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../../storage/audit/audit-log.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import { deletePasskey, listPasskeys } from '../../storage/people/passkeys.ts';
import { deletePassword, holdWaysIn, type WaysIn } from '../../storage/people/ways-in.ts';

/** `last`: nothing else would be left. `gone`: it is not there any more. */
export type RemovalResult = 'removed' | 'last' | 'gone';

interface Removal {
  readonly accountId: string;
  readonly origin: Origin;
  /** The RP ID; undefined: there are no passkeys here. */
  readonly relyingParty: string | undefined;
}

/** Removes a passkey (UUID) of the account. */
export function removePasskey(
  work: Work,
  { id, ...removal }: Removal & { readonly id: string },
): Promise<RemovalResult> {
  return remove(
    work,
    removal,
    'passkey.removed',
    async (tx, { hasPassword, identities, passkeys }) => {
      const found = (await listPasskeys(tx, removal.accountId)).find((one) => one.id === id);
      if (found === undefined) return 'gone';
      const isUsable = found.relyingParty === removal.relyingParty;
      if (isUsable && !hasPassword && identities === 0 && passkeys === 1) return 'last';
      await deletePasskey(tx, removal.accountId, id);
      return { passkey: id, name: found.name };
    },
  );
}

/** Removes the account's password. */
export function removePassword(work: Work, removal: Removal): Promise<RemovalResult> {
  return remove(
    work,
    removal,
    'password.removed',
    async (tx, { hasPassword, identities, passkeys }) => {
      if (!hasPassword) return 'gone';
      if (passkeys + identities === 0) return 'last';
      await deletePassword(tx, removal.accountId);
      return undefined;
    },
  );
}

/** @param act gives what was removed, as the audit trail keeps it; or why nothing was. */
function remove(
  work: Work,
  { accountId, relyingParty, origin }: Removal,
  action: string,
  act: (tx: Db, ways: WaysIn) => Promise<'last' | 'gone' | object | undefined>,
): Promise<RemovalResult> {
  return work.run(async (tx) => {
    const ways = await holdWaysIn(tx, accountId, relyingParty);
    const before = ways === undefined ? 'gone' : await act(tx, ways);
    if (before === 'last' || before === 'gone') return before;
    await recordAuditEvent(tx, {
      action,
      actorAccountId: accountId,
      subject: printId('user', accountId),
      before,
      origin,
    });
    return 'removed';
  });
}
