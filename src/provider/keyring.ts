/**
 * The keys of this installation: made on first start, kept in the database, wrapped by USHER_KEY.
 *
 * Nodes that start at once agree on one set, since each writes only where no key is yet and then
 * reads what is there. A dump of the database gives no key away.
 *
 * A new generation is known to each node from its next start, and is used by those that start an hour
 * later or more: by then every node verifies with it. The generations before it stay.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { deriveKey, unwrap, wrap } from '../lib/key-wrapping.ts';
import type { Db } from '../storage/database.ts';
import { addKey, type KeyPurpose, type ListedKey, listKeys } from '../storage/keys.ts';

/** All keys: the first of a kind signs, all verify. */
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
  const master = masterOf(usherKey);
  const present = new Set((await listKeys(db)).map(({ purpose }) => purpose));
  for (const purpose of ['signing', 'cookie', 'form'] as const) {
    if (!present.has(purpose)) await makeKey(db, master, purpose, 1);
  }

  const keys = await listKeys(db);
  const of = (wanted: KeyPurpose) =>
    settledFirst(keys.filter(({ purpose }) => purpose === wanted)).map((key) => open(master, key));
  return {
    signing: of('signing').map((secret) => JSON.parse(secret.toString()) as JWK),
    cookie: of('cookie').map((secret) => secret.toString('base64url')),
    form: of('form')[0] ?? Buffer.alloc(0),
  };
}

/**
 * Adds a generation of the keys that sign ID tokens and cookies.
 *
 * @returns its number; undefined when somebody else added one at the same moment.
 * @throws {WrongKeyError} USHER_KEY is not the one that the stored keys were wrapped with.
 */
export async function rotateKeys(db: Db, usherKey: string): Promise<number | undefined> {
  await loadKeyring(db, usherKey);
  const generation = Math.max(...(await listKeys(db)).map((key) => key.generation)) + 1;
  const master = masterOf(usherKey);
  const isAdded = await makeKey(db, master, 'signing', generation);
  return isAdded && (await makeKey(db, master, 'cookie', generation)) ? generation : undefined;
}

const settleSeconds = 3_600;

/** Newest first, but those that some nodes may not know yet at the end. */
function settledFirst(keys: readonly ListedKey[]): ListedKey[] {
  const isSettled = ({ ageSeconds }: ListedKey) => ageSeconds >= settleSeconds;
  return [...keys.filter(isSettled), ...keys.filter((key) => !isSettled(key)).toReversed()];
}

function masterOf(usherKey: string): Buffer {
  return deriveKey(usherKey, 'usher keyring', 32);
}

function open(master: Buffer, { purpose, generation, wrapped }: ListedKey): Buffer {
  return unwrap(master, wrapped, `${purpose} ${generation}`);
}

async function makeKey(
  db: Db,
  master: Buffer,
  purpose: KeyPurpose,
  generation: number,
): Promise<boolean> {
  const secret = purpose === 'signing' ? await makeSigningKey() : randomBytes(32);
  const wrapped = wrap(master, secret, `${purpose} ${generation}`);
  return addKey(db, { purpose, generation, wrapped });
}

async function makeSigningKey(): Promise<Buffer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomBytes(8).toString('hex');
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
  return Buffer.from(JSON.stringify(jwk));
}
