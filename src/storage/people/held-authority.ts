/**
 * What somebody acts by, held until the transaction of the act ends: whoever revokes, withdraws,
 * signs out or suspends at the same moment waits for the act, or the act finds it dead.
 *
 * Held in one order: account, client, consent, grant, token or session; organizations come after.
 *
 * @module
 */

import { isServiceClientRow } from '../clients/service-clients.ts';
import { type Db, statement } from '../engine/database.ts';

// Not `for share`: whoever changes the account itself afterwards would wait for a second one like it.
const account = statement(`
  select from accounts where id = $1 and status = 'active' for no key update`);
const session = statement(`
  select from sessions where uid = $1 and account_id = $2 and expires_at > now() for share`);

/** A browser's session and who is signed in there. */
export interface SessionIds {
  readonly uid: string;
  readonly accountId: string;
}

/** @returns whether the session lives, of this account, and the account is active. */
export async function holdSession(tx: Db, { uid, accountId }: SessionIds): Promise<boolean> {
  if ((await tx.query(account, [accountId])).length === 0) return false;
  return (await tx.query(session, [uid, accountId])).length === 1;
}

const token = statement(`
  select from tokens t
    join accounts a on a.id = t.account_id
    join clients k on k.id = t.client_id
    join consents c on c.id = t.consent_id
    join grants g on g.id = t.grant_id
   where t.id = $1
     for share of a for share of k for share of c for share of g for share of t`);

/**
 * Holds a token with all that it lives by; whether it lives is to be asked afterwards.
 *
 * @param id SHA-256 of the token.
 * @returns whether there is such a token.
 */
export async function holdToken(tx: Db, id: Buffer): Promise<boolean> {
  return (await tx.query(token, [id])).length === 1;
}

const serviceToken = statement(`
  select from tokens t join clients k on k.id = t.client_id
   where t.id = $1 and t.kind = 'ClientCredentials' and t.expires_at > now()
     and ${isServiceClientRow('k')}
     for share of k for share of t`);

/** @returns whether a service client's token lives. @param id SHA-256 of the token. */
export async function holdServiceToken(tx: Db, id: Buffer): Promise<boolean> {
  return (await tx.query(serviceToken, [id])).length === 1;
}
