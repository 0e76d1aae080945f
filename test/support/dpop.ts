/** Proofs of possession (RFC 9449), made by hand so that a test can make wrong ones. */

import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface DpopKey {
  /** The thumbprint that a token is bound to. */
  readonly jkt: string;
  /** The header of a POST to `url`; `change` adds, replaces or (undefined) leaves out claims. */
  proof(url: string, change?: JWTPayload): Promise<{ DPoP: string }>;
}

/** Makes a key that lives as long as the test. */
export async function createDpopKey(): Promise<DpopKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    async proof(url, change = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { jti: randomUUID(), htm: 'POST', htu: url, iat, ...change };
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk });
      return { DPoP: await jwt.sign(privateKey) };
    },
  };
}
