/** Client assertions (RFC 7523), made by hand so that a test can make wrong ones. */

import { randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type Answer, type Node, readAnswer } from './oauth.ts';

/** Claims as a test wants them, wrong ones too; undefined leaves one out. */
export type Claims = Readonly<Record<string, unknown>>;

/** A client that proves itself with a key of its own. */
export interface AssertingClient {
  readonly id: string;
  /** In the SPKI form (PEM). */
  readonly publicKey: string;
  /** A signed assertion; `change` adds, replaces or (undefined) leaves out claims. */
  assertion(change?: Claims, header?: { readonly typ: string }): Promise<string>;
}

/** Registers an application that has no secret but a key. */
export async function registerWithKey(
  { issuer }: Pick<Node, 'issuer'>,
  alg = 'ES256',
): Promise<AssertingClient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Key holder',
      redirect_uris: ['http://localhost:8765/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] },
    }),
  });
  const { status, body } = await readAnswer(response);
  if (status !== 201) throw new Error(JSON.stringify(body));
  const id: string = body.client_id;
  return {
    id,
    publicKey: await exportSPKI(publicKey),
    assertion: (change, header) =>
      new SignJWT(claimsOf(id, issuer, change))
        .setProtectedHeader({ alg, ...header })
        .sign(privateKey),
  };
}

/** The claims of a good assertion, changed. */
export function claimsOf(id: string, issuer: string, change: Claims = {}): JWTPayload {
  const iat = Math.floor(Date.now() / 1000);
  return {
    ...{ iss: id, sub: id, aud: issuer, jti: randomUUID(), iat, exp: iat + 60 },
    ...change,
  } as JWTPayload;
}

/** Sends a form that is authenticated by an assertion and nothing else. */
export async function postWithAssertion(
  { issuer }: Pick<Node, 'issuer'>,
  path: string,
  assertion: string,
  fields: Record<string, string> = {},
): Promise<Answer> {
  const body = new URLSearchParams({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...fields,
  });
  return readAnswer(await fetch(`${issuer}${path}`, { method: 'POST', body }));
}
