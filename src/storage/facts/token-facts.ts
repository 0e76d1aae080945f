/**
 * A live token and who asks about it: the first part of every statement that answers questions.
 *
 * A statement takes any number of questions as arrays and gives one row for each;
 * all facts of an answer come from it, hence from one snapshot, so two states that both deny never
 * mix into one that allows. Token, grant, account and client are read again, whatever was looked up
 * before. A grant is there only while its consent is, an entry only while its resource and the
 * user's membership are: the foreign keys delete them along.
 *
 * Source: RFC 7662 section 2.2 (active); migrations/ (tokens, grants, accounts, clients).
 *
 * @module
 */

import { parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import type { TokenScopes } from '../../decisions/effective-scopes.ts';
import { writtenBound } from '../clients/registrations.ts';
import {
  type Column,
  type Columns,
  flag,
  id,
  largeWhole,
  nullable,
  type RowOf,
  type RowsForm,
  rowFormApart,
  seconds,
  text,
  whole,
  writtenRow,
} from '../engine/columns.ts';
import { boundOf } from './token-bound.ts';
import { isInConfines, isSuspended, livesOrIsSuspended } from './token-inspection.ts';

/** One question: about which token, and who asks. */
export interface TokenQuestion {
  /** Of the token, as `digestText` gives it. */
  readonly tokenDigest: string;
  /** The client that asks; undefined where nobody's right to ask is in question. */
  readonly asker: string | undefined;
  /** The secret by which the asker proves itself; undefined where it has done so before. */
  readonly secret?: string | undefined;
}

/** What was found for a question. */
export interface Found<Facts> {
  /** Undefined where the token is dead. */
  readonly facts: Facts | undefined;
  /** The facts of a token that is dead only because its application is suspended. */
  readonly ofSuspended: Facts | undefined;
  /** Whether the secret is a live one of the asker's, an active client that authenticates by secret. */
  readonly isAskerProven: boolean;
}

/** What is known about a token that lives. */
export interface TokenFacts {
  readonly kind: 'AccessToken' | 'RefreshToken';
  readonly clientId: string;
  /** A UUID. */
  readonly accountId: string;
  readonly email: string;
  /** As issued: space-delimited, OpenID's names among them. */
  readonly scope: string;
  readonly scopes: TokenScopes;
  /** Seconds since 1970, by the database's clock. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The one resource server that the token is for. */
  readonly audience: string | undefined;
  /** The id of the one resource that it is confined to, with all that is in it. */
  readonly confinedTo: string | undefined;
  /** Of the key that the token is bound to (RFC 9449). */
  readonly keyThumbprint: string | undefined;
  /** When the user signed in for it, in seconds since 1970; undefined of one issued before that was kept. */
  readonly signedInAt: number | undefined;
  /** The class of that sign-in (`acr`). */
  readonly signInClass: string | undefined;
  /** Undefined when there is no active client of that id. */
  readonly asker: AskerFacts | undefined;
}

/** What is known about the client that asks. */
interface AskerFacts {
  readonly resourceServer: 'platform' | 'organization' | undefined;
  readonly organizationId: string | undefined;
  /** Of an organization's resource server: whether an entry that counts for the token is there. */
  readonly isReached: boolean;
  readonly requiresResource: boolean;
  readonly audience: string | undefined;
}

/** What is selected of the client that asks, which is active. */
const askerColumns = {
  resource_server: nullable(text<'platform' | 'organization'>('k.resource_server')),
  organization_id: nullable(id('k.owner_organization_id')),
  requires_resource: flag('k.requires_resource'),
  audience: nullable(text('k.audience')),
  accepted_scope: nullable(text('k.accepted_scope')),
};
const askerForm = rowFormApart(askerColumns);

/** What is selected of the question, whether or not its token lives. */
const questionColumns = {
  /** The question's, from 1 on. */
  position: whole('q.position'),
  asker_proven: flag('asker.is_proven'),
};

/** What is selected of `live` and `asker`; all of `live` is null where the token is dead. */
const liveColumns = {
  kind: text<'AccessToken' | 'RefreshToken'>('live.kind'),
  client_id: text('live.client_id'),
  suspended: flag('live.suspended'),
  account_id: id('live.account_id'),
  email: text('live.email'),
  token_scope: text('live.scope'),
  registered: otherScope('live.registered'),
  consent_version: whole('live.consent_version'),
  issued_at: seconds('live.issued_at'),
  expires_at: seconds('live.expires_at'),
  audience: nullable(text('live.audience')),
  confined_to: nullable(id('live.confined_to')),
  jkt: nullable(text('live.jkt')),
  auth_time: nullable(largeWhole('live.auth_time')),
  acr: nullable(text('live.acr')),
  /** Null when there is no active client of that id. */
  asker: writtenRow('asker.facts', askerForm),
  /** Of an organization's resource server: whether an entry that counts for the token is there. */
  asker_reached: nullable(
    flag(`case when asker.resource_server = 'organization' then exists (
      select from consent_entries e where e.consent_id = live.consent_id
        and e.organization_id = asker.owner_organization_id and e.version <= live.consent_version
        and ${isInConfines})
    end`),
  ),
};

/** What a statement about tokens selects. */
export const tokenColumns = { ...questionColumns, ...liveColumns };

/**
 * A scope, or null where it is the very text that the token has: mostly it is, and then it is not
 * sent, read and taken apart again.
 */
export function otherScope(scope: string): Column<string | null> {
  return nullable(text(`nullif(${scope}, live.scope)`));
}

/** @returns the scope of an `otherScope` in the row of that token. */
export function readScope(scope: string | null, token: Pick<TokenRow, 'token_scope'>): ScopeSet {
  return parseScopeSet(scope ?? token.token_scope);
}

/** A row with `tokenColumns`, of a token that lives. */
export type TokenRow = RowOf<typeof tokenColumns>;

/** What a statement gives: all rows of its questions as one text. */
export interface FoundRows {
  readonly found: string;
}

/** A row of a question: with all columns where the token lives. */
type AnyRow<Of extends Columns> = RowOf<typeof questionColumns> &
  (RowOf<Of> | { readonly kind: null });

/**
 * The askers of a batch, which are few: each is looked up once, its secret compared once, and its
 * facts written once.
 *
 * A statement begins with it, and takes $3 and $4 for it.
 */
export const withAskers = `
  with askers as materialized (
    select p.number, k.resource_server, k.owner_organization_id,
      case when k.id is not null then ${askerForm.sql} end as facts,
      exists (select from client_secrets s where s.client_id = k.id and s.secret_hash = p.secret
        and k.auth_method in ('client_secret_basic', 'client_secret_post')
        and (s.expires_at is null or s.expires_at > now())) as is_proven
    from unnest((select $3::text[]), (select $4::bytea[])) with ordinality as p (id, secret, number)
    left join lateral (select * from clients where id = p.id and status = 'active' offset 0) k
      on true)`;

/**
 * The questions `q` and, of those whose token lives, `live` and `asker`.
 *
 * A parameter inside a subquery has no value to plan for, so one plan is as good for a thousand
 * questions as for one, and is made once for each connection.
 *
 * @param columns what each question has beside `token` and `asker`, and the types of their arrays,
 *   which are $5 and on.
 */
export function fromLiveTokens(columns: readonly string[] = [], types: readonly string[] = []) {
  const arrays = types.map((type, n) => `(select $${n + 5}::${type})`);
  const all = ['(select $1::bytea[])', '(select $2::bigint[])', ...arrays];
  return `from unnest(${all.join(', ')}) with ordinality
    as q (${['token', 'asker', ...columns, 'position'].join(', ')})
  left join lateral (
    select t.kind, t.client_id, t.scope, t.consent_version,
      t.payload ->> 'aud' as audience, t.payload ->> 'jkt' as jkt,
      t.payload -> 'authTime' as auth_time, t.payload ->> 'acr' as acr,
      t.issued_at, t.expires_at, t.confined_to, t.consent_id, t.account_id, t.granted_at,
      a.email, ${writtenBound('k')} as registered, ${isSuspended} as suspended,
      k.owner_organization_id, k.is_verified
    from tokens t
    join accounts a on a.id = t.account_id
    join clients k on k.id = t.client_id
    where t.id = q.token and t.kind in ('AccessToken', 'RefreshToken')
      and ${livesOrIsSuspended}
    offset 0) live on true
  left join askers asker on asker.number = q.asker`;
}

/** @returns what was found for each question, in the order of the questions. */
export function inOrder<Of extends Columns & typeof tokenColumns, Facts>(
  questions: readonly TokenQuestion[],
  { read }: RowsForm<Of>,
  answered: readonly FoundRows[],
  toFacts: (live: RowOf<Of>) => Facts,
): Found<Facts>[] {
  const found = questions.map((): Found<Facts> => dead(false));
  const rows: AnyRow<Of>[] = answered.flatMap((all) => read(all.found));
  for (const row of rows) found[row.position - 1] = toFound(row, toFacts);
  return found;
}

function toFound<Of extends Columns & typeof tokenColumns, Facts>(
  row: AnyRow<Of>,
  toFacts: (live: RowOf<Of>) => Facts,
): Found<Facts> {
  const { kind, asker_proven: isAskerProven } = row;
  if (kind === null) return dead(isAskerProven);
  const live = row as RowOf<Of>;
  const facts = toFacts(live);
  return live.suspended
    ? { facts: undefined, ofSuspended: facts, isAskerProven }
    : { facts, ofSuspended: undefined, isAskerProven };
}

function dead(isAskerProven: boolean): Found<never> {
  return { facts: undefined, ofSuspended: undefined, isAskerProven };
}

/** @returns what a row says about its token, which lives, and about the asker. */
export function toTokenFacts(row: TokenRow): TokenFacts {
  return {
    kind: row.kind,
    clientId: row.client_id,
    accountId: row.account_id,
    email: row.email,
    scope: row.token_scope,
    scopes: {
      issued: parseScopeSet(row.token_scope),
      registered: boundOf(row),
      consentVersion: row.consent_version,
    },
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    audience: row.audience ?? undefined,
    confinedTo: row.confined_to ?? undefined,
    keyThumbprint: row.jkt ?? undefined,
    signedInAt: row.auth_time ?? undefined,
    signInClass: row.acr ?? undefined,
    asker: toAskerFacts(row),
  };
}

function toAskerFacts({ asker, asker_reached }: TokenRow): AskerFacts | undefined {
  if (asker === null) return undefined;
  return {
    resourceServer: asker.resource_server ?? undefined,
    organizationId: asker.organization_id ?? undefined,
    isReached: asker_reached === true,
    requiresResource: asker.requires_resource,
    audience: asker.audience ?? undefined,
  };
}
