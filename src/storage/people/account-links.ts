/**
 * The `account_links` table: one-time links that go out by mail.
 *
 *     asked for (no token yet) -> its mail is made, with a token -> used, replaced or expired
 *
 * Asking writes a row whether or not there is such an account: only the mail finds out. A link that is
 * over keeps its row for a while, so that its page can say what happened.
 *
 * Source: migrations/20261129002500-account-links.ts, 20261129093428-links-lead-back.ts.
 *
 * @module
 */

import { StoredDataError } from '../../lib/errors.ts';
import { type Db, statement } from '../engine/database.ts';

/** `reset`: a new password. `sign_up`: a new account. `address`: the address of an account. */
export type LinkKind = 'reset' | 'sign_up' | 'address';

/** A link that is asked for. */
export interface WantedLink {
  readonly id: string;
  readonly kind: LinkKind;
  /** Where it goes, in its normal form. */
  readonly email: string;
  /** Of whom; undefined where only the mail finds out. */
  readonly accountId: string | undefined;
  /** The language of whoever asked. */
  readonly locale: string | undefined;
  /** Where to go on to once it was used, sealed for the browser that asked. */
  readonly returnTo?: Buffer | undefined;
}

/** How long a mail may wait to be sent. */
const waitSeconds = 24 * 60 * 60;

const insert = statement(`
  insert into account_links (id, kind, email, account_id, locale, return_to, expires_at)
  values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`);

/** Adds a link that has no token yet. */
export async function insertAccountLink(tx: Db, link: WantedLink): Promise<void> {
  const { id, kind, email, accountId = null, locale = null, returnTo = null } = link;
  await tx.query(insert, [id, kind, email, accountId, locale, returnTo, waitSeconds]);
}

/** A link whose mail is to be made, and who has its address now. */
export interface LinkToSend extends Omit<WantedLink, 'returnTo'> {
  readonly holder:
    | { readonly id: string; readonly isActive: boolean; readonly hasAccess: boolean }
    | undefined;
}

const selectToSend = statement(`
  select l.id, l.kind, l.email, l.account_id as "accountId", l.locale, a.id as "holderId",
         a.status = 'active' as "isActive", a.password_hash is not null
         or exists (select from passkeys p where p.account_id = a.id) as "hasAccess"
    from account_links l left join accounts a on a.email = l.email
   where l.id = $1 and l.ended_as is null and l.expires_at > now()`);

/** @returns undefined when there is nothing to send any more. */
export async function findLinkToSend(db: Db, id: string): Promise<LinkToSend | undefined> {
  type Row = Record<'accountId' | 'locale' | 'holderId', string | null> & {
    id: string;
    kind: LinkKind;
    email: string;
    isActive: boolean | null;
    hasAccess: boolean | null;
  };
  const [row] = await db.query<Row>(selectToSend, [id]);
  if (row === undefined) return undefined;
  const { accountId, locale, holderId, isActive, hasAccess, ...link } = row;
  const holder =
    holderId === null
      ? undefined
      : { id: holderId, isActive: isActive ?? false, hasAccess: hasAccess ?? false };
  return { ...link, accountId: accountId ?? undefined, locale: locale ?? undefined, holder };
}

const giveToken = statement(`
  update account_links
     set token_hash = $2, account_id = $3, expires_at = now() + make_interval(secs => $4)
   where id = $1 and ended_as is null returning expires_at as "expiresAt"`);

/**
 * Gives a link the token whose SHA-256 this is, instead of the one before.
 *
 * @returns when it expires; undefined when it is over.
 */
export async function giveLinkToken(
  db: Db,
  id: string,
  given: {
    readonly hash: Buffer;
    readonly accountId: string | undefined;
    readonly ttlSeconds: number;
  },
): Promise<Date | undefined> {
  const values = [id, given.hash, given.accountId ?? null, given.ttlSeconds];
  const [row] = await db.query<{ expiresAt: Date }>(giveToken, values);
  return row?.expiresAt;
}

const states = ['open', 'used', 'replaced', 'expired', 'suspended'] as const;

/** `suspended`: its account is not active. */
export type AccountLinkState = (typeof states)[number];

/** A link that somebody has opened. */
export interface AccountLink {
  readonly email: string;
  readonly accountId: string | undefined;
  readonly state: AccountLinkState;
  /** Where to go on to once it was used, sealed for the browser that asked. */
  readonly returnTo: Buffer | undefined;
}

const select = statement(`
  select l.email, l.account_id as "accountId", l.return_to as "returnTo",
         case when l.ended_as is not null then l.ended_as
              when l.expires_at <= now() then 'expired'
              when l.account_id is not null and a.status is distinct from 'active' then 'suspended'
              else 'open' end as state
    from account_links l left join accounts a on a.id = l.account_id
   where l.token_hash = $1 and l.kind = $2`);

/** @returns the link of that kind with that token's SHA-256; undefined when there is none. */
export async function findAccountLink(
  db: Db,
  kind: LinkKind,
  hash: Buffer,
): Promise<AccountLink | undefined> {
  type Row = { email: string; accountId: string | null; state: string; returnTo: Buffer | null };
  const [row] = await db.query<Row>(select, [hash, kind]);
  if (row === undefined) return undefined;
  const state = states.find((one) => one === row.state);
  if (state === undefined) throw new StoredDataError(`account_links.ended_as holds "${row.state}"`);
  const { email, accountId, returnTo } = row;
  return { email, accountId: accountId ?? undefined, state, returnTo: returnTo ?? undefined };
}

const selectReturn = statement(
  `select return_to as "returnTo" from account_links where id = $1 and kind = 'sign_up'`,
);

/** @returns where whoever asked for the link with this id was going, sealed for their browser. */
export async function findLinkReturn(db: Db, id: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ returnTo: Buffer | null }>(selectReturn, [id]);
  return row?.returnTo ?? undefined;
}

const use = statement(`
  update account_links l set ended_as = 'used'
   where token_hash = $1 and kind = $2 and ended_as is null and expires_at > now()
     and (account_id is null
          or exists (select from accounts a where a.id = l.account_id and a.status = 'active'))
  returning email, account_id as "accountId"`);

/** Uses a link. @returns what it was for, once; undefined for a link that is over. */
export async function takeAccountLink(
  tx: Db,
  kind: LinkKind,
  hash: Buffer,
): Promise<Pick<AccountLink, 'email' | 'accountId'> | undefined> {
  type Row = { email: string; accountId: string | null };
  const [row] = await tx.query<Row>(use, [hash, kind]);
  return row && { email: row.email, accountId: row.accountId ?? undefined };
}

const end = statement(`
  update account_links l set ended_as = 'replaced'
   where ended_as is null
     and (account_id = $1
          or kind <> 'address' and email = (select a.email from accounts a where a.id = $1))`);

/** Ends the open links of an account, those too that are asked for by its address and not sent yet. */
export async function endAccountLinks(tx: Db, accountId: string): Promise<void> {
  await tx.query(end, [accountId]);
}

const endOthers = statement(`
  update account_links set ended_as = 'replaced'
   where ended_as is null and kind = 'address' and account_id = $1`);

/** Ends the open links for another address: one was asked for after them. */
export async function endAddressLinks(tx: Db, accountId: string): Promise<void> {
  await tx.query(endOthers, [accountId]);
}

const forget = statement('delete from account_links where account_id = $1 or email = $2');

/** Deletes every link of an account that is deleted. */
export async function deleteAccountLinks(tx: Db, accountId: string, email: string): Promise<void> {
  await tx.query(forget, [accountId, email]);
}
