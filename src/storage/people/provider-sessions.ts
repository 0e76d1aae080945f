/**
 * The `provider_sessions` table: which browser sessions began at an OpenID provider. A row ends with its
 * session.
 *
 * Source: migrations/20261129000200-identity-providers.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** What is kept of the sign-in at the provider. */
export interface ProviderSession {
  readonly providerId: string;
  readonly subject: string;
  /** The provider's own id of the session, where it has one. */
  readonly sid: string | undefined;
  readonly wrappedIdToken: Buffer;
}

const insert = statement(`
  insert into provider_sessions (session_uid, provider_id, subject, sid, id_token)
  values ($1, $2, $3, $4, $5)`);
const select = statement(`
  select provider_id as "providerId", id_token as "wrappedIdToken"
    from provider_sessions where session_uid = $1`);
const end = statement(`
  with doomed as (
    select s.id from sessions s join provider_sessions p on p.session_uid = s.uid
     where p.provider_id = $1 and ($2::text is null or p.subject = $2) and ($3::text is null or p.sid = $3)
     order by s.uid for update of s)
  delete from sessions s using doomed where s.id = doomed.id
  returning s.account_id as "accountId"`);

/** Remembers where a browser's session began. */
export async function insertProviderSession(
  tx: Db,
  sessionUid: string,
  { providerId, subject, sid, wrappedIdToken }: ProviderSession,
): Promise<void> {
  await tx.query(insert, [sessionUid, providerId, subject, sid ?? null, wrappedIdToken]);
}

/** @returns undefined: the session began here. */
export async function findProviderSession(
  db: Db,
  sessionUid: string,
): Promise<Pick<ProviderSession, 'providerId' | 'wrappedIdToken'> | undefined> {
  const [row] = await db.query<Pick<ProviderSession, 'providerId' | 'wrappedIdToken'>>(select, [
    sessionUid,
  ]);
  return row;
}

/**
 * Ends the sessions that began at a provider, of one subject, one session there, or both; at least one is
 * named.
 *
 * @returns the accounts (UUIDs) whose sessions ended, once for each session.
 */
export async function endProviderSessions(
  tx: Db,
  providerId: string,
  of: { readonly subject: string | undefined; readonly sid: string | undefined },
): Promise<string[]> {
  if (of.subject === undefined && of.sid === undefined) return [];
  const values = [providerId, of.subject ?? null, of.sid ?? null];
  const rows = await tx.query<{ accountId: string }>(end, values);
  return rows.map(({ accountId }) => accountId);
}
