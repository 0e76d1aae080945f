/**
 * The `grants` table: one authorization under a consent, on one device.
 *
 * Deleting a grant deletes its codes and tokens; a grant without a consent cannot be.
 *
 * Source: migrations/20261122001300-grants.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A grant as it is stored. */
export interface StoredGrant {
  readonly accountId: string;
  readonly clientId: string;
  readonly payload: Record<string, unknown>;
  readonly remainingSeconds: number;
}

/** A grant to be stored under the live consent of its account and client. */
export interface NewGrant {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly payload: Record<string, unknown>;
  readonly lifetimeSeconds: number;
}

interface GrantRow {
  account_id: string;
  client_id: string;
  payload: Record<string, unknown>;
  remaining: number;
}

const select = statement(`
  select account_id, client_id, payload,
    ceil(extract(epoch from expires_at - now()))::int as remaining
  from grants where id = $1 and expires_at > now()`);
const insert = statement(`
  insert into grants (id, consent_id, account_id, client_id, payload, expires_at)
  select $1, c.id, c.account_id, c.client_id, $4, now() + make_interval(secs => $5)
  from consents c where c.account_id = $2 and c.client_id = $3
  returning id`);
const update = statement(`
  update grants set payload = $2 where id = $1 and expires_at > now() returning id`);
const remove = statement('delete from grants where id = $1');

/** @returns the grant; undefined when it was revoked, or expired. */
export async function findGrant(db: Db, id: string): Promise<StoredGrant | undefined> {
  const [row] = await db.query<GrantRow>(select, [id]);
  return (
    row && {
      accountId: row.account_id,
      clientId: row.client_id,
      payload: row.payload,
      remainingSeconds: row.remaining,
    }
  );
}

/** @returns whether there was a consent to store the grant under. */
export async function insertGrant(db: Db, grant: NewGrant): Promise<boolean> {
  const { id, accountId, clientId, payload, lifetimeSeconds } = grant;
  return (await db.query(insert, [id, accountId, clientId, payload, lifetimeSeconds])).length === 1;
}

/** Replaces what a grant holds. @returns false when there is none: what was revoked stays so. */
export async function updateGrant(
  db: Db,
  { id, payload }: Pick<NewGrant, 'id' | 'payload'>,
): Promise<boolean> {
  return (await db.query(update, [id, payload])).length === 1;
}

/** Ends a grant, and with it every code and token that was issued under it. */
export async function deleteGrant(db: Db, id: string): Promise<void> {
  await db.query(remove, [id]);
}
