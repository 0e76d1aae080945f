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

import { allScopes, parseScopeSet, type ScopeSet } from '../catalogue/scope-set.ts';
import type { TokenScopes } from '../decisions/effective-scopes.ts';
import { sha256 } from '../lib/secrets.ts';
import { byteaArray } from './binary-arrays.ts';
import type { Line, LineForm, WrittenLine } from './lines.ts';
import { wholeCatalogue, writtenBound } from './registration-ceiling.ts';

/** One question: about which token, and who asks. */
export interface TokenQuestion {
  /** SHA-256 of the token. */
  readonly tokenHash: Buffer;
  /** The client that asks; undefined where nobody's right to ask is in question. */
  readonly asker: string | undefined;
  /** The secret by which the asker proves itself; undefined where it has done so before. */
  readonly secret?: string | undefined;
}

/** What was found for a question. */
export interface Found<Facts> {
  /** Undefined where the token is dead. */
  readonly facts: Facts | undefined;
  /** Whether the secret is a live one of the asker's, an active client that authenticates by secret. */
  readonly isAskerProven: boolean;
}

/** What is known about a token that is neither expired nor spent, of an active account. */
export interface TokenFacts {
  readonly kind: 'AccessToken' | 'RefreshToken';
  readonly clientId: string;
  readonly isClientActive: boolean;
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
  /** Of the key that the token is bound to (RFC 9449). */
  readonly keyThumbprint: string | undefined;
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

/** No scope of the catalogue. */
const tokensOwn = '=';

/** What is selected of the question, `live` and `asker`; all of `live` is empty where the token is dead. */
export const tokenColumns = {
  /** The question's, from 1 on. */
  position: 'q.position',
  asker_proven: 'asker.is_proven',
  /** An `AskerColumns` as JSON; empty when there is no active client of that id. */
  asker: 'asker.facts',
  asker_reached: `case when asker.resource_server = 'organization' then exists (
      select from consent_entries e where e.consent_id = live.consent_id
        and e.organization_id = asker.owner_organization_id and e.version <= live.consent_version)
    end`,
  kind: 'live.kind',
  client_id: 'live.client_id',
  client_status: 'live.client_status',
  account_id: 'live.account_id',
  email: 'live.email',
  token_scope: 'live.scope',
  registered: writtenScope('live.registered'),
  consent_version: 'live.consent_version',
  issued_at: 'live.issued_at',
  expires_at: 'live.expires_at',
  audience: 'live.audience',
  jkt: 'live.jkt',
};

/**
 * A scope as a line has it. Mostly it is the very text that the token has, which is not sent, read
 * and taken apart again.
 */
export function writtenScope(scope: string): string {
  return `case when ${scope} = live.scope then '${tokensOwn}' else ${scope} end`;
}

/** @returns the scope that `writtenScope` wrote into the line of that token. */
export function readScope(text: string, { token_scope }: Pick<TokenLine, 'token_scope'>): ScopeSet {
  return parseScopeSet(text === tokensOwn ? token_scope : text);
}

/** A row with `tokenColumns`. */
export type TokenLine = Line<keyof typeof tokenColumns>;

type AskerColumns = readonly [
  resourceServer: 'platform' | 'organization' | null,
  organizationId: string | null,
  requiresResource: boolean,
  audience: string | null,
];

/**
 * The askers of a batch, which are few: each is looked up once, its secret compared once, and its
 * facts made into one text.
 *
 * A statement begins with it, and takes $3 and $4 for it.
 */
export const withAskers = `
  with askers as materialized (
    select p.number, k.resource_server, k.owner_organization_id,
      case when k.id is not null then json_build_array(k.resource_server, k.owner_organization_id,
        k.requires_resource, k.audience)::text end as facts,
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
      floor(date_part('epoch', t.issued_at))::bigint as issued_at,
      floor(date_part('epoch', t.expires_at))::bigint as expires_at,
      t.consent_id, t.account_id, t.granted_at,
      a.email, ${writtenBound('k')} as registered, k.status as client_status, k.owner_organization_id
    from tokens t
    join accounts a on a.id = t.account_id and a.status = 'active'
    join clients k on k.id = t.client_id
    where t.id = q.token and t.kind in ('AccessToken', 'RefreshToken')
      and t.expires_at > now() and t.consumed_at is null
    offset 0) live on true
  left join askers asker on asker.number = q.asker`;
}

/** @returns $1 to $4: the tokens, the numbers of the askers, and the askers with their secrets. */
export function questionArrays(questions: readonly TokenQuestion[]): unknown[] {
  const numbers = new Map<string, number>();
  const askers: Pick<TokenQuestion, 'asker' | 'secret'>[] = [];
  const numberOf = ({ asker, secret }: TokenQuestion) => {
    const key = `${secret}\n${asker}`;
    const number = numbers.get(key) ?? askers.push({ asker, secret });
    numbers.set(key, number);
    return number;
  };
  return [
    byteaArray(questions.map(({ tokenHash }) => tokenHash)),
    questions.map(numberOf),
    askers.map(({ asker }) => asker ?? null),
    askers.map(({ secret }) => (secret === undefined ? null : sha256(secret))),
  ];
}

/** @returns what was found for each question, in its place. */
export function inPlace<Name extends string, Facts>(
  questions: readonly TokenQuestion[],
  rows: readonly WrittenLine[],
  form: LineForm<Name | keyof typeof tokenColumns>,
  toFacts: (row: Line<Name | keyof typeof tokenColumns>, place: number) => Facts,
): Found<Facts>[] {
  const found = questions.map((): Found<Facts> => ({ facts: undefined, isAskerProven: false }));
  for (const { line } of rows) {
    const row = form.read(line);
    const place = Number(row.position) - 1;
    const facts = row.kind === '' ? undefined : toFacts(row, place);
    found[place] = { facts, isAskerProven: row.asker_proven === 't' };
  }
  return found;
}

/** @returns what a row says about its token, which lives, and about the asker. */
export function toTokenFacts(row: TokenLine): TokenFacts {
  return {
    kind: row.kind as TokenFacts['kind'],
    clientId: row.client_id,
    isClientActive: row.client_status === 'active',
    accountId: row.account_id,
    email: row.email,
    scope: row.token_scope,
    scopes: {
      issued: parseScopeSet(row.token_scope),
      registered: row.registered === wholeCatalogue ? allScopes : readScope(row.registered, row),
      consentVersion: Number(row.consent_version),
    },
    issuedAt: Number(row.issued_at),
    expiresAt: Number(row.expires_at),
    audience: row.audience || undefined,
    keyThumbprint: row.jkt || undefined,
    asker: toAskerFacts(row),
  };
}

function toAskerFacts({ asker, asker_reached }: TokenLine): AskerFacts | undefined {
  if (asker === '') return undefined;
  const [resourceServer, organizationId, requiresResource, audience] = readAsker(asker);
  return {
    resourceServer: resourceServer ?? undefined,
    organizationId: organizationId ?? undefined,
    isReached: asker_reached === 't',
    requiresResource,
    audience: audience ?? undefined,
  };
}

/** All rows of a batch have the texts of a few askers; reading one is pure. */
const readAskers = new Map<string, AskerColumns>();

function readAsker(text: string): AskerColumns {
  const known = readAskers.get(text);
  if (known !== undefined) return known;
  if (readAskers.size >= 100) readAskers.clear();
  const columns = JSON.parse(text) as AskerColumns;
  readAskers.set(text, columns);
  return columns;
}
