/**
 * The keys of this installation: made on first start, kept in the database, wrapped by USHER_KEY.
 *
 * Nodes that start at once agree on one set, since each writes only where no key is yet and then
 * reads what is there. A dump of the database gives no key away.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { deriveKey, unwrap, wrap } from '../lib/key-wrapping.ts';
import type { Db } from '../storage/database.ts';
import { addKey, type KeyPurpose, listKeys } from '../storage/keys.ts';

/** All keys, the newest first: the first signs, all verify. */
export interface Keyring {
  /** Private ES256 keys as JWK. */
  readonly signing: readonly JWK[];
  readonly cookie: readonly string[];
  /** For the tokens in our own forms. */
  readonly form: Buffer;
}

/**
 * Reads the keys, making those that are not there yet.
 *
 * @throws {WrongKeyError} USHER_KEY is not the one that the stored keys were wrapped with.
 */
export async function loadKeyring(db: Db, usherKey: string): Promise<Keyring> {
  const master = deriveKey(usherKey, 'usher keyring', 32);
  const present = new Set((await listKeys(db)).map(({ purpose }) => purpose));
  for (const purpose of ['signing', 'cookie', 'form'] as const) {
    if (!present.has(purpose)) await makeKey(db, master, purpose);
  }

  const keys = (await listKeys(db)).map(({ purpose, generation, wrapped }) => ({
    purpose,
    generation,
    secret: unwrap(master, wrapped, `${purpose} ${generation}`),
  }));
  const of = (wanted: KeyPurpose) => keys.filter(({ purpose }) => purpose === wanted);
  return {
    signing: of('signing').map(({ secret }) => JSON.parse(secret.toString()) as JWK),
    cookie: of('cookie').map(({ secret }) => secret.toString('base64url')),
    form: of('form')[0]?.secret ?? Buffer.alloc(0),
  };
}

async function makeKey(db: Db, master: Buffer, purpose: KeyPurpose): Promise<void> {
  const secret = purpose === 'signing' ? await makeSigningKey() : randomBytes(32);
  const wrapped = wrap(master, secret, `${purpose} 1`);
  await addKey(db, { purpose, generation: 1, wrapped });
}

async function makeSigningKey(): Promise<Buffer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomBytes(8).toString('hex');
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
  return Buffer.from(JSON.stringify(jwk));
}
