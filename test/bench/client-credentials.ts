/**
 * Tokens for a service client (RFC 6749 section 4.4, RFC 7523), the same for every server: each
 * request has an assertion of its own, signed before the run begins.
 *
 * @module
 */

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { warmUpSeconds } from './bench.ts';
import type { Load } from './load.ts';
import type { Options } from './options.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const service = { id: 'service', jwk: publicKey.export({ format: 'jwk' }) } as const;

/** More than a server on one processor answers. */
const requestsPerSecond = 6_000;

/** @param issuer whom the assertions are for. */
export function clientCredentials(
  { seconds }: Options,
  { path, issuer, scope }: { path: string; issuer: string; scope: string },
): Load {
  const count = requestsPerSecond * Math.max(seconds, warmUpSeconds);
  const rest = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  return {
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    order: 'once',
    bodies: Array.from({ length: count }, () => `${rest}&client_assertion=${assertion(issuer)}`),
    expected: ['"access_token":"', '"token_type":"Bearer"'],
  };
}

const header = encode({ alg: 'ES256' });

function assertion(issuer: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const { id } = service;
  const claims = { iss: id, sub: id, aud: issuer, jti: randomUUID(), iat: now, exp: now + 300 };
  const signed = `${header}.${encode(claims)}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
