/**
 * Who somebody is here, who has proven elsewhere who they are there.
 *
 *     known by (issuer, subject) -> that account
 *     else an address that the issuer may vouch for -> the account with that address, bound from now on
 *     else an address that nobody has here -> a new account
 *
 * The address alone never opens an account: the issuer must have verified it, the operator must trust the
 * issuer for its domain, and an account whose own address was never proven is emptied first. A suspended
 * account stays suspended, and nobody's role in an organization changes.
 *
 * @module
 */

import { personNameFault, storedName } from '../clients/name-rule.ts';
import { normalizeEmail } from '../lib/email-address.ts';
import { newId, printId } from '../lib/ids.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import { brokeConstraint, type Database, type Db } from '../storage/engine/database.ts';
import { putNotice } from '../storage/people/account-notices.ts';
import { type Account, insertAccount, lockAccount } from '../storage/people/accounts.ts';
import {
  deleteIdentities,
  type ExternalIdentity,
  findAccountByIdentity,
  insertIdentity,
  listIdentities,
  touchIdentity,
} from '../storage/people/external-identities.ts';
import { takeOverUnproven } from './unproven-account.ts';

/** Somebody, as an issuer describes them. */
export interface ExternalPerson extends ExternalIdentity {
  readonly email: string | undefined;
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
}

/** What an issuer may do. */
export interface IssuerTrust {
  /** How the audit trail names it. */
  readonly name: string;
  /** How people know it. */
  readonly label: string;
  /** The domains whose addresses it may vouch for, in lower case. */
  readonly trustedDomains: readonly string[] | 'all';
}

/**
 * - `not_active`: the account is suspended.
 * - `no_address`: the issuer names no address, or none that Usher accepts.
 * - `unverified`: the issuer has not verified the address.
 * - `address_taken`: an account has the address, and the issuer is not trusted to say whose it is.
 * - `other_identity`: the account with the address belongs to somebody else at this issuer.
 */
type ExternalRefusal =
  | 'not_active'
  | 'no_address'
  | 'unverified'
  | 'address_taken'
  | 'other_identity';

export type ExternalSignIn =
  | { readonly outcome: 'signed_in'; readonly account: Account }
  | { readonly outcome: 'refused'; readonly why: ExternalRefusal };

/** Where somebody comes from, and the language of their pages. */
interface ConnectedBy {
  readonly origin: Origin;
  readonly locale: string | undefined;
  /** The service client that says so while the person is away; undefined: they sign in. */
  readonly clientId?: string | undefined;
}

/** The identity was bound to an account at the same moment: whoever begins anew finds that one. */
class IdentityBoundError extends Error {
  override readonly name = 'IdentityBoundError';
}

/** Whether the account or its identity was made by somebody else at the same moment: then it is found now. */
export function wasMadeMeanwhile(error: unknown): boolean {
  return error instanceof IdentityBoundError || brokeConstraint(error, 'accounts_email_key');
}

/** Finds or makes the account, and writes down what came of it. */
export async function signInExternally(
  db: Database,
  person: ExternalPerson,
  trust: IssuerTrust,
  by: ConnectedBy,
): Promise<ExternalSignIn> {
  const { origin } = by;
  const result = await db
    .run((tx) => resolveExternal(tx, person, trust, by))
    .catch((error) => {
      if (!wasMadeMeanwhile(error)) throw error;
      return db.run((tx) => resolveExternal(tx, person, trust, by));
    });
  const isIn = result.outcome === 'signed_in';
  await recordAuditEvent(db, {
    action: isIn ? 'sign_in.succeeded' : 'sign_in.refused',
    outcome: isIn ? 'done' : 'refused',
    ...(isIn ? { actorAccountId: result.account.id } : {}),
    subject: isIn ? printId('user', result.account.id) : undefined,
    after: { provider: trust.name, ...(isIn ? {} : { reason: result.why }) },
    origin,
  });
  return result;
}

/** Finds or makes the account, in the caller's transaction; nothing is written down of the sign-in. */
export async function resolveExternal(
  tx: Db,
  person: ExternalPerson,
  trust: IssuerTrust,
  by: ConnectedBy,
): Promise<ExternalSignIn> {
  const known = await findKnown(tx, person);
  if (known !== undefined) {
    if (known.status !== 'active') return refused('not_active');
    await touch(tx, person, by);
    return { outcome: 'signed_in', account: known };
  }
  const email = normalizeEmail(person.email ?? '');
  if (email === undefined) return refused('no_address');
  if (!person.isEmailVerified) return refused('unverified');
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const isTrusted = trust.trustedDomains === 'all' || trust.trustedDomains.includes(domain);
  const found = (await lockAccount(tx, { email }))?.account;
  if (found === undefined) return create(tx, person, { email, isTrusted }, by);
  if (found.status !== 'active') return refused('not_active');
  if (!isTrusted) return refused('address_taken');
  return bind(tx, person, found, { ...by, provider: trust.label });
}

/** The identity of an account that was deleted since means nobody any more. */
async function findKnown(tx: Db, person: ExternalPerson): Promise<Account | undefined> {
  const accountId = await findAccountByIdentity(tx, person);
  if (accountId === undefined) return undefined;
  const account = (await lockAccount(tx, { id: accountId }))?.account;
  if (account?.status !== 'deleted') return account;
  await deleteIdentities(tx, accountId);
  return undefined;
}

/** The account with the address, whose issuer is trusted for it. */
async function bind(
  tx: Db,
  person: ExternalPerson,
  found: Account,
  by: Connected,
): Promise<ExternalSignIn> {
  const accountId = await findAccountByIdentity(tx, person);
  // Bound while the account was waited for: by the same sign-in in another tab, or an import.
  if (accountId === found.id) return { outcome: 'signed_in', account: found };
  const identities = await listIdentities(tx, found.id);
  if (identities.some(({ issuer }) => issuer === person.issuer)) return refused('other_identity');
  if (found.emailVerifiedAt === undefined)
    await takeOverUnproven(tx, found.id, by.origin, by.clientId);
  if (!(await insertIdentity(tx, person, found.id))) return refused('other_identity');
  await touch(tx, person, by);
  await mailConnected(tx, found, person.issuer, by);
  const account = (await lockAccount(tx, { id: found.id }))?.account ?? found;
  return { outcome: 'signed_in', account };
}

/** An issuer that is not trusted for the domain proves no address: it stays unproven here. */
async function create(
  tx: Db,
  person: ExternalPerson,
  { email, isTrusted }: { readonly email: string; readonly isTrusted: boolean },
  by: ConnectedBy,
): Promise<ExternalSignIn> {
  const id = newId();
  const emailVerifiedAt = isTrusted ? new Date() : undefined;
  const name = nameOf(person, email);
  await insertAccount(tx, { id, email, name, passwordHash: undefined, emailVerifiedAt });
  if (!(await insertIdentity(tx, person, id))) throw new IdentityBoundError();
  await touch(tx, person, by);
  await recordAuditEvent(tx, {
    action: 'account.signed_up',
    ...actorOf(id, by),
    subject: printId('user', id),
    after: { issuer: person.issuer },
    origin: by.origin,
  });
  const account = (await lockAccount(tx, { id }))?.account;
  if (account === undefined) throw new Error('an account that was just made is gone');
  return { outcome: 'signed_in', account };
}

/** Remembers that somebody signed in so. */
async function touch(tx: Db, person: ExternalPerson, { clientId }: ConnectedBy): Promise<void> {
  if (clientId === undefined) await touchIdentity(tx, person);
}

function actorOf(accountId: string, { clientId }: ConnectedBy) {
  return clientId === undefined ? { actorAccountId: accountId } : { actorClientId: clientId };
}

const longestName = 100;

/** @returns the name that the issuer gives, if it may be one here; else the address. */
export function nameOf({ name = '' }: Pick<ExternalPerson, 'name'>, email: string): string {
  const stored = storedName(name, longestName);
  if (personNameFault(stored, longestName) === undefined) return stored;
  return email.slice(0, longestName);
}

/** Who connects from where, and the name that the provider has for people. */
export interface Connected extends ConnectedBy {
  readonly provider: string;
}

/** Says in the audit trail, and by mail, that an account is bound to somebody at an issuer. */
export async function mailConnected(
  tx: Db,
  { id: accountId, email }: Pick<Account, 'id' | 'email'>,
  issuer: string,
  { provider, ...by }: Connected,
): Promise<void> {
  const { origin, locale } = by;
  await recordAuditEvent(tx, {
    action: 'identity.connected',
    ...actorOf(accountId, by),
    subject: printId('user', accountId),
    after: { issuer },
    origin,
  });
  await putNotice(tx, {
    kind: 'identity-connected',
    email,
    accountId,
    locale,
    details: { provider },
  });
}

function refused(why: ExternalRefusal): ExternalSignIn {
  return { outcome: 'refused', why };
}
