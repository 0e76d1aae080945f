/**
 * What bare oidc-provider keeps for the benchmark: the same clients, tokens and codes as Usher has,
 * in the library's own form.
 *
 * @module
 */

import pg from 'pg';
import { apps, asker, challenge, redirectUri, secondsPerDay } from './actors.ts';
import { service } from './client-credentials.ts';

/** One payload of the library, under its kind and id. */
export interface ProviderRecord {
  readonly kind: string;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The clients as the library wants them: the applications, and the one that asks. */
export const providerClients = [
  ...apps.map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  })),
  {
    client_id: asker.id,
    client_secret: asker.secret,
    redirect_uris: [],
    grant_types: [],
    response_types: [],
  },
  {
    client_id: service.id,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'private_key_jwt' as const,
    jwks: { keys: [service.jwk] },
  },
];

/** The records of tokens of one kind, each with a grant of its own; clients take turns. */
export function recordsOf(
  kind: 'AccessToken' | 'RefreshToken' | 'AuthorizationCode',
  tokens: readonly string[],
  clientOf: (index: number) => string,
): ProviderRecord[] {
  const now = Math.floor(Date.now() / 1_000);
  return tokens.flatMap((token, index) => {
    const grantId = `grant-of-${token}`;
    const common = {
      iat: now,
      exp: now + secondsPerDay,
      accountId: `account-${index}`,
      clientId: clientOf(index),
    };
    const grant = { ...common, jti: grantId, kind: 'Grant', openid: { scope: 'read write' } };
    const payload = { ...common, jti: token, kind, grantId, scope: 'read write', ...extra[kind] };
    return [
      { kind: 'Grant', id: grantId, payload: grant },
      { kind, id: token, payload },
    ];
  });
}

const extra = {
  AccessToken: { gty: 'authorization_code', claims: {}, extra: {} },
  RefreshToken: { gty: 'authorization_code', claims: {}, rotations: 0 },
  AuthorizationCode: {
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    claims: {},
  },
};

/** Makes the adapter's table and fills it. */
export async function storeRecords(url: string, records: readonly ProviderRecord[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create table records (
      kind text not null, id text not null, payload jsonb not null,
      grant_id text, uid text, user_code text,
      expires_at timestamptz, consumed_at timestamptz, primary key (kind, id));
    create index on records (grant_id);
    create index on records (uid);
    create index on records (user_code);
    create index on records (expires_at)`);
  const clients = providerClients.map((payload) => {
    return { kind: 'Client', id: payload.client_id, payload };
  });
  await client.query(
    `insert into records (kind, id, payload, grant_id, expires_at)
     select r->>'kind', r->>'id', r->'payload', r->'payload'->>'grantId', now() + interval '1 day'
       from jsonb_array_elements($1) r`,
    [JSON.stringify([...clients, ...records])],
  );
  await client.query('vacuum analyze records');
  await client.end();
}
