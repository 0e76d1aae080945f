/**
 * What is stored of a token of any kind, dead ones too, for an operator who has it before them.
 *
 * Whether a stored token lives, and if not, why: decided here, for every statement that asks.
 *
 * An operator sees the reason. A resource server never does: to it every dead token is the same,
 * also one that is not stored (any more).
 *
 * Source: RFC 7662 section 2.2 (active).
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';
import type { TokenKind } from '../tokens/tokens.ts';

/** SQL: whether `consent_entries e` is in the resource that the token `live` is confined to, if it is confined. */
export const isInConfines = `(live.confined_to is null
        or live.confined_to in (e.organization_id, e.database_id, e.branch_id))`;

/** Why a token is dead, for `tokens t` with its account `a`, if it has one, and its client `k`. */
const causes = {
  expired: 't.expires_at <= now()',
  /** A code or refresh token was redeemed. */
  spent: 't.consumed_at is not null',
  account_not_active: `a.status is distinct from 'active' and t.account_id is not null`,
  application_suspended: `k.status <> 'active'`,
} as const;

/** Why a stored token is dead. */
type CauseOfDeath = keyof typeof causes;

/** SQL: the first cause of a token's death as text; null while it lives. */
const causeOfDeath = `case ${Object.entries(causes)
  .map(([cause, condition]) => `when ${condition} then '${cause}'`)
  .join(' ')} end`;

/** SQL: whether the application is suspended, which alone may be shown where the token is known. */
export const isSuspended = causes.application_suspended;

/** SQL: whether nothing but a suspension of its application makes the token dead. */
export const livesOrIsSuspended = Object.values(causes)
  .filter((condition) => condition !== isSuspended)
  .map((condition) => `not (${condition})`)
  .join(' and ');

/** A token that is stored, whether or not it lives. */
export interface InspectedToken {
  readonly kind: TokenKind | 'ClientCredentials';
  /** Undefined while it lives. */
  readonly cause: CauseOfDeath | undefined;
  readonly clientId: string;
  readonly clientName: string;
  /** Whose it is; undefined of a service client's token. */
  readonly accountId: string | undefined;
  readonly email: string | undefined;
  /** The one authorization that it was issued under, if it acts for a person. */
  readonly grantId: string | undefined;
  /** As issued. */
  readonly scope: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly spentAt: Date | undefined;
}

interface InspectedRow {
  kind: InspectedToken['kind'];
  cause: CauseOfDeath | null;
  client_id: string;
  client_name: string;
  account_id: string | null;
  email: string | null;
  grant_id: string | null;
  scope: string;
  issued_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
}

const select = statement(`
  select t.kind, ${causeOfDeath} as cause, t.client_id, k.name as client_name, t.account_id, a.email,
    t.grant_id, t.scope, t.issued_at, t.expires_at, t.consumed_at
  from tokens t
  join clients k on k.id = t.client_id
  left join accounts a on a.id = t.account_id
  where t.id = $1`);

const selectCauses = statement(`
  select t.client_id as "clientId", ${causeOfDeath} as cause
  from tokens t
  join clients k on k.id = t.client_id
  left join accounts a on a.id = t.account_id
  where t.id = any($1) and ${causeOfDeath} is not null`);

/**
 * @param ids SHA-256 of tokens.
 * @returns of each that is stored and dead, whose it is and why.
 */
export function findCausesOfDeath(
  db: Db,
  ids: readonly Buffer[],
): Promise<{ readonly clientId: string; readonly cause: CauseOfDeath }[]> {
  return db.query(selectCauses, [ids]);
}

/**
 * @param id SHA-256 of the token.
 * @returns undefined where none is stored: it was never issued, its grant ended, or it was swept.
 */
export async function inspectToken(db: Db, id: Buffer): Promise<InspectedToken | undefined> {
  const [row] = await db.query<InspectedRow>(select, [id]);
  return (
    row && {
      kind: row.kind,
      cause: row.cause ?? undefined,
      clientId: row.client_id,
      clientName: row.client_name,
      accountId: row.account_id ?? undefined,
      email: row.email ?? undefined,
      grantId: row.grant_id ?? undefined,
      scope: row.scope,
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      spentAt: row.consumed_at ?? undefined,
    }
  );
}
