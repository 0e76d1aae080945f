/**
 * The secrets of OpenID providers, as the database keeps them: wrapped by USHER_KEY.
 *
 * @module
 */

import { deriveKey, unwrap, wrap } from '../lib/key-wrapping.ts';

/** Wraps and unwraps the client secrets of providers, and the ID tokens that came from there. */
export interface ProviderSecrets {
  wrapSecret(providerId: string, secret: string): Buffer;
  /** @throws {WrongKeyError} it was wrapped with another USHER_KEY. */
  unwrapSecret(providerId: string, wrapped: Buffer): string;
  wrapIdToken(sessionUid: string, idToken: string): Buffer;
  /** @throws {WrongKeyError} as above. */
  unwrapIdToken(sessionUid: string, wrapped: Buffer): string;
}

/** @param usherKey what wraps all keys of this installation. */
export function createProviderSecrets(usherKey: string): ProviderSecrets {
  const key = deriveKey(usherKey, 'usher identity providers', 32);
  const secretOf = (id: string) => `client secret of provider ${id}`;
  const tokenOf = (uid: string) => `id token of session ${uid}`;
  return {
    wrapSecret: (id, secret) => wrap(key, Buffer.from(secret), secretOf(id)),
    unwrapSecret: (id, wrapped) => unwrap(key, wrapped, secretOf(id)).toString(),
    wrapIdToken: (uid, token) => wrap(key, Buffer.from(token), tokenOf(uid)),
    unwrapIdToken: (uid, wrapped) => unwrap(key, wrapped, tokenOf(uid)).toString(),
  };
}
