/**
 * What token requests begin with: the client with its secrets and, where a code or refresh token is
 * redeemed, that token with its grant, its account and all that decides what it gives now.
 *
 * A statement takes any number of requests as arrays, and reads all of them from one snapshot.
 *
 * It is read afresh for each request, and holds nothing: issuance.ts, which stores what is issued,
 * finds out whether all this is still so.
 *
 * Source: migrations/ (clients, client_secrets, tokens, grants, consents, accounts).
 *
 * @module
 */

import { parseScopeSet } from '../../catalogue/scope-set.ts';
import type { Client } from '../../clients/client.ts';
import { type ClientRow, clientColumns, toClient } from '../clients/clients.ts';
import { byteaArray, textArray } from '../engine/binary-arrays.ts';
import {
  flag,
  type RowOf,
  rowForm,
  rows,
  text,
  type WrittenRow,
  whole,
} from '../engine/columns.ts';
import { type Db, decidingStatement } from '../engine/database.ts';
import { consentedForm, type EntryFacts, toEntries } from '../facts/entry-facts.ts';
import type { ActiveAccount } from '../people/accounts.ts';
import type { StoredGrant } from './tokens.ts';
import {
  isKnownToken,
  type StoredToken,
  type TokenKind,
  type TokenRow,
  tokenColumns,
  toToken,
} from './tokens.ts';

/** A code or refresh token that is presented: its kind and SHA-256. */
export interface Presented {
  readonly kind: TokenKind;
  readonly id: Buffer;
}

/** With what a token request begins. */
export interface RedemptionQuestion {
  readonly clientId: string;
  /** Undefined where nothing is redeemed. */
  readonly presented: Presented | undefined;
}

/** A live secret of a client. */
export interface LiveSecret {
  readonly hash: Buffer;
  /** Whether its use was noted within the hour. */
  readonly isNoted: boolean;
}

/** A client that is active, and what it redeems. */
export interface Redemption {
  readonly client: Client;
  readonly secrets: readonly LiveSecret[];
  /** Undefined where nothing is presented, or nothing that is known. */
  readonly redeemed: Redeemed | undefined;
}

/** A code or refresh token, live or spent, and what it belongs to. It may be another client's. */
export interface Redeemed extends Presented {
  readonly token: StoredToken;
  readonly grant: StoredGrant;
  /** Undefined where it is not active. */
  readonly account: ActiveAccount | undefined;
  /** @returns what decides about each entry of the consent, for a token with this scope and resource. */
  entriesFor(issuedScope: string, confinedTo: string | undefined): EntryFacts[];
}

const secretColumns = {
  hash: text(`encode(s.secret_hash, 'hex')`),
  is_noted: flag(`coalesce(s.last_used_at > now() - interval '1 hour', false)`),
};

const ownColumns = {
  position: whole('q.position'),
  secrets: rows(
    secretColumns,
    `from client_secrets s
      where s.client_id = k.id and (s.expires_at is null or s.expires_at > now())`,
  ),
};

const ownForm = rowForm(ownColumns);

type SecretRow = RowOf<typeof secretColumns>;
type Row = ClientRow & { own: WrittenRow } & (RedeemedRow | { grant_id: null });

interface RedeemedRow extends TokenRow {
  consented: WrittenRow;
  account_id: string;
  grant_payload: Record<string, unknown>;
  grant_remaining: number;
  consent_version: number;
  account_name: string | null;
  email: string;
  email_verified: boolean;
}

const select = decidingStatement(`
  select ${clientColumns},
    live.*,
    ${ownForm.sql} as own, ${consentedForm.sql} as consented
  from unnest((select $1::text[]), (select $2::bytea[]), (select $3::text[])) with ordinality
    as q (client, token, kind, position)
  join clients k on k.id = q.client and k.status = 'active'
  left join lateral (
    select ${tokenColumns}, g.consent_id, g.account_id, g.payload as grant_payload,
      ceil(extract(epoch from g.expires_at - now()))::int as grant_remaining,
      g.created_at as granted_at, c.version as consent_version,
      a.name as account_name, a.email, a.email_verified_at is not null as email_verified,
      k.owner_organization_id, k.is_verified
    from tokens t
    join grants g on g.id = t.grant_id and g.expires_at > now()
    join consents c on c.id = g.consent_id
    left join accounts a on a.id = g.account_id and a.status = 'active'
    where t.id = q.token and t.kind = q.kind and ${isKnownToken}
    offset 0) live on true`);

/** @returns for each question, in the same order; undefined where no active client has that id. */
export async function readRedemptions(
  db: Db,
  questions: readonly RedemptionQuestion[],
): Promise<(Redemption | undefined)[]> {
  const answered = await db.query<Row>(select, [
    textArray(questions.map(({ clientId }) => clientId)),
    byteaArray(questions.map(({ presented }) => presented?.id ?? null)),
    textArray(questions.map(({ presented }) => presented?.kind ?? null)),
  ]);
  const found = questions.map((): Redemption | undefined => undefined);
  for (const row of answered) {
    const { position, secrets } = ownForm.read(row.own);
    found[position - 1] = toRedemption(row, secrets ?? [], questions[position - 1]?.presented);
  }
  return found;
}

function toRedemption(
  row: Row,
  secrets: readonly SecretRow[],
  presented: Presented | undefined,
): Redemption {
  const client = toClient(row);
  const isKnown = presented !== undefined && row.grant_id !== null;
  return {
    client,
    secrets: secrets.map(toSecret),
    redeemed: isKnown ? toRedeemed(row, presented, client) : undefined,
  };
}

function toSecret({ hash, is_noted: isNoted }: SecretRow): LiveSecret {
  return { hash: Buffer.from(hash, 'hex'), isNoted };
}

function toRedeemed(row: RedeemedRow, presented: Presented, client: Client): Redeemed {
  const { account_id: accountId, client_id: clientId, account_name: name, email } = row;
  return {
    ...presented,
    token: toToken(row),
    grant: {
      accountId,
      clientId,
      payload: row.grant_payload,
      remainingSeconds: row.grant_remaining,
    },
    account: name === null ? undefined : { name, email, isEmailVerified: row.email_verified },
    entriesFor(issuedScope, confinedTo) {
      const scopes = {
        issued: parseScopeSet(issuedScope),
        registered: parseScopeSet(client.scopeBound),
        consentVersion: row.consent_version,
      };
      return toEntries(consentedForm.read(row.consented), { accountId, scopes, confinedTo });
    },
  };
}
