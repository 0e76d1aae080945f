/**
 * The `consents` table: what one user allowed one application, one live row a pair.
 *
 * @module
 */

import { parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import { newId } from '../../lib/ids.ts';
import {
  type ApplicationRow,
  type ApplicationSummary,
  applicationColumns,
  toApplication,
} from '../clients/client-list.ts';
import { type Db, statement } from '../engine/database.ts';
import { isAlive } from './consent-end.ts';
import { restsByAge } from './resting-entries.ts';

/** The user and the application of a consent. */
export interface Pair {
  readonly accountId: string;
  readonly clientId: string;
}

/** A consent, without what its entries say. */
export interface Consent {
  readonly id: string;
  /** Counts the times that the user consented; an entry counts for tokens issued since its version. */
  readonly version: number;
  /** Every scope that the user was ever asked for and decided about, OpenID's names among them. */
  readonly askedScope: string;
  /** What the entries carried when the user last consented; some may have gone with their resource. */
  readonly givenScope: string;
  /** When it ends, by the database's clock; undefined where only removal ends it. */
  readonly expiresAt: Date | undefined;
}

/** A consent, with all that its entries carry. */
export interface ConsentSummary extends Consent {
  readonly scopes: ScopeSet;
  /**
   * What rests on some resource because of its age. What a suspended member cannot consent to again
   * is left out.
   */
  readonly resting: ScopeSet;
}

interface ConsentRow {
  id: string;
  version: number;
  asked_scope: string;
  given_scope: string;
  expires_at: Date | null;
}

interface SummaryRow extends ConsentRow {
  scope: string;
  resting: string;
}

interface ListedRow extends ConsentRow, ApplicationRow {
  created_at: Date;
  last_used_at: Date | null;
}

const isInConfines = `($3::uuid is null or $3 in (e.organization_id, e.database_id, e.branch_id))`;

const find = statement(`
  select c.id, c.version, c.asked_scope, c.given_scope, c.expires_at,
         coalesce((select string_agg(distinct e.scope, ' ')
                     from consent_entries e where e.consent_id = c.id and ${isInConfines}), '') as scope,
         coalesce((select string_agg(distinct e.scope, ' ')
                     from consent_entries e
                     join organization_members m on m.organization_id = e.organization_id
                      and m.account_id = e.account_id and m.suspended_at is null
                    where e.consent_id = c.id and ${isInConfines} and ${restsByAge}), '') as resting
    from consents c where c.account_id = $1 and c.client_id = $2 and ${isAlive('c')}`);

/**
 * @param confinedTo the id of the one resource whose entries count, with all that is in it; undefined for all.
 * @returns the pair's consent; undefined when there is none, or it has ended.
 */
export async function findConsent(
  db: Db,
  { accountId, clientId }: Pair,
  confinedTo?: string,
): Promise<ConsentSummary | undefined> {
  const [row] = await db.query<SummaryRow>(find, [accountId, clientId, confinedTo ?? null]);
  if (row === undefined) return undefined;
  const { scope, resting } = row;
  return { ...toConsent(row), scopes: parseScopeSet(scope), resting: parseScopeSet(resting) };
}

const removeEnded = statement(`
  delete from consents c where account_id = $1 and client_id = $2 and not ${isAlive('c')}`);

const lock = statement(`
  insert into consents (id, account_id, client_id) values ($1, $2, $3)
      on conflict (account_id, client_id) do update set updated_at = now()
  returning id, version, asked_scope, given_scope, expires_at`);

/**
 * Makes the pair's consent (version 0) or takes the one there is, and holds it until the
 * transaction ends: two records of one pair come one after the other. What has ended is deleted
 * first, so that nothing of it comes back.
 */
export async function lockConsent(tx: Db, { accountId, clientId }: Pair): Promise<Consent> {
  await tx.query(removeEnded, [accountId, clientId]);
  const [row] = await tx.query<ConsentRow>(lock, [newId(), accountId, clientId]);
  if (row === undefined) throw new Error('the consent was neither made nor found');
  return toConsent(row);
}

const advance = statement(`
  update consents set version = $2, asked_scope = $3, given_scope = $4,
    updated_at = now() where id = $1`);

/** Stores the version that a consent has now, and what was asked and given. */
export async function saveConsent(tx: Db, consent: Omit<Consent, 'expiresAt'>): Promise<void> {
  const { id, version, askedScope, givenScope } = consent;
  await tx.query(advance, [id, version, askedScope, givenScope]);
}

/** What an application may come to by a consent that its user wants to know of. */
export interface Reach {
  readonly production: boolean;
  /** Managing people's access. */
  readonly people: boolean;
}

const mark = statement(`
  update consents c
     set told_production = c.told_production or $2, told_people = c.told_people or $3
    from (select told_production, told_people from consents where id = $1 for update) as before
   where c.id = $1
  returning not before.told_production as production, not before.told_people as people`);

/** Marks what the user gets a mail about now. @returns what they got no mail about before. */
export async function markMailed(
  tx: Db,
  id: string,
  { production, people }: Reach,
): Promise<Reach> {
  const [unmailed] = await tx.query<Reach>(mark, [id, production, people]);
  if (unmailed === undefined) throw new Error('a mail about a consent that does not exist');
  return unmailed;
}

const findLocked = statement(`
  select id, version, asked_scope, given_scope, expires_at from consents
   where account_id = $1 and client_id = $2 for update`);

/** @returns the pair's consent, held until the transaction ends; undefined when there is none. */
export async function findConsentForUpdate(
  tx: Db,
  { accountId, clientId }: Pair,
): Promise<Consent | undefined> {
  const [row] = await tx.query<ConsentRow>(findLocked, [accountId, clientId]);
  return row && toConsent(row);
}

const remove = statement('delete from consents where id = $1');

/** Deletes a consent, and with it its entries, grants and tokens. */
export async function deleteConsent(tx: Db, id: string): Promise<void> {
  await tx.query(remove, [id]);
}

const list = statement(`
  select ${applicationColumns('$1')}, n.id, n.version, n.asked_scope, n.given_scope, n.created_at,
         n.expires_at,
         (select max(g.last_used_at) from grants g where g.consent_id = n.id) as last_used_at
    from consents n
    join clients c on c.id = n.client_id
    left join organizations o on o.id = c.owner_organization_id
   where n.account_id = $1 and n.version > 0 and ${isAlive('n')}
   order by c.name, c.id`);

/** A consent with the application it was given to. */
export interface ListedConsent extends Consent {
  readonly application: ApplicationSummary;
  readonly createdAt: Date;
  /** When a token under it was last issued or asked about; undefined before the first time. */
  readonly lastUsedAt: Date | undefined;
}

/** @returns all consents of an account that have not ended, by application name. */
export async function consentsOf(db: Db, accountId: string): Promise<ListedConsent[]> {
  const rows = await db.query<ListedRow>(list, [accountId]);
  return rows.map((row) => ({
    ...toConsent(row),
    application: toApplication(row),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }));
}

function toConsent(row: ConsentRow): Consent {
  const { id, version, asked_scope: askedScope, given_scope: givenScope } = row;
  return { id, version, askedScope, givenScope, expiresAt: row.expires_at ?? undefined };
}
