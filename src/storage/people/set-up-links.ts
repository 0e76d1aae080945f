/**
 * The `set_up_links` table: one-time links with which a person sets a password or adds a passkey.
 *
 * Source: migrations/20261128204500-set-up-links.ts, 20261129090905-set-up-links-by-mail.ts.
 *
 * @module
 */

import { StoredDataError } from '../../lib/errors.ts';
import { type Db, statement } from '../engine/database.ts';

const states = ['open', 'used', 'replaced', 'expired', 'suspended'] as const;

/** `replaced`: by a newer link, or the password was changed. `suspended`: the account is not active. */
export type SetUpLinkState = (typeof states)[number];

/** A link, with what its page shows. */
export interface SetUpLink {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly state: SetUpLinkState;
  readonly hasPassword: boolean;
}

const select = statement(`
  select l.account_id as "accountId", a.email, a.name, a.password_hash is not null as "hasPassword",
         case when l.ended_as is not null then l.ended_as
              when l.expires_at <= now() then 'expired'
              when a.status <> 'active' then 'suspended'
              else 'open' end as state
    from set_up_links l join accounts a on a.id = l.account_id
   where l.token_hash = $1`);

/** @returns the link with that token's SHA-256; undefined when there is none. */
export async function findSetUpLink(db: Db, hash: Buffer): Promise<SetUpLink | undefined> {
  type Row = Omit<SetUpLink, 'state'> & { readonly state: string };
  const [row] = await db.query<Row>(select, [hash]);
  if (row === undefined) return undefined;
  const state = states.find((one) => one === row.state);
  if (state === undefined) throw new StoredDataError(`set_up_links.ended_as holds "${row.state}"`);
  return { ...row, state };
}

const hold = statement(`
  select id from accounts where id = $1 and status = 'active' for no key update`);
const insert = statement(`
  insert into set_up_links (token_hash, account_id, expires_at, proves_address)
  values ($1, $2, now() + make_interval(secs => $3), $4) returning expires_at as "expiresAt"`);

/** A link that is made. */
interface NewSetUpLink {
  readonly hash: Buffer;
  readonly accountId: string;
  readonly ttlSeconds: number;
  /** Whether it goes out by mail: then whoever uses it reads mail at the address. */
  readonly provesAddress: boolean;
}

/**
 * Adds a link; the one before it is over. Links of one account are made one after the other.
 *
 * @returns when it expires; undefined when the account is not active.
 */
export async function insertSetUpLink(
  tx: Db,
  { hash, accountId, ttlSeconds, provesAddress }: NewSetUpLink,
): Promise<Date | undefined> {
  if ((await tx.query(hold, [accountId])).length === 0) return undefined;
  await replaceSetUpLinks(tx, accountId);
  const values = [hash, accountId, ttlSeconds, provesAddress];
  const [row] = await tx.query<{ expiresAt: Date }>(insert, values);
  return row?.expiresAt;
}

const replace = statement(`
  update set_up_links set ended_as = 'replaced' where account_id = $1 and ended_as is null`);

/** Ends the open link of an account: there is a newer one, or a new password. */
export async function replaceSetUpLinks(tx: Db, accountId: string): Promise<void> {
  await tx.query(replace, [accountId]);
}

const use = statement(`
  update set_up_links l set ended_as = 'used'
   where token_hash = $1 and ended_as is null and expires_at > now()
     and exists (select from accounts a where a.id = l.account_id and a.status = 'active')
  returning account_id as "accountId", proves_address as "provesAddress"`);

/** Uses a link. @returns what it is for, once; undefined for a link that is over. */
export async function takeSetUpLink(
  tx: Db,
  hash: Buffer,
): Promise<{ readonly accountId: string; readonly provesAddress: boolean } | undefined> {
  const [row] = await tx.query<{ accountId: string; provesAddress: boolean }>(use, [hash]);
  return row;
}
