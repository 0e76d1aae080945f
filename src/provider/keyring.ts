/**
 * The keys of this installation: made on first start, kept in the database, wrapped by USHER_KEY.
 *
 * Nodes that start at once agree on one set, since each writes only where no key is yet and then
 * reads what is there. A dump of the database gives no key away.
 *
 * There is one key for each algorithm of ID tokens. All are rows of one purpose, each with a
 * generation of its own, so that a node of an older version publishes also those that it never signs
 * with.
 *
 * A new generation is known to each node from its next start, and is used by those that start an hour
 * later or more: by then every node verifies with it. The generations before it stay.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type IdTokenAlgorithm, idTokenAlgorithms } from '../clients/client.ts';
import { deriveKey, unwrap, wrap } from '../lib/key-wrapping.ts';
import type { Db } from '../storage/engine/database.ts';
import { addKey, type KeyPurpose, type ListedKey, listKeys } from '../storage/engine/keys.ts';

/** All keys: the first of a kind signs, all verify. */
export interface Keyring {
  /** Private keys as JWK, each with its `alg`: one or more for each of `idTokenAlgorithms`. */
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
  await makeMissing(db, master);
  const keys = await listKeys(db);
  const of = (wanted: KeyPurpose) =>
    settledFirst(keys.filter(({ purpose }) => purpose === wanted)).map((key) => open(master, key));
  return {
    signing: of('signing').map(toJwk),
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
  const master = masterOf(usherKey);
  const generation = nextGeneration(await listKeys(db));
  if (!(await makeKey(db, master, { purpose: 'cookie', generation }))) return undefined;
  for (const [index, algorithm] of idTokenAlgorithms.entries()) {
    const wanted = { purpose: 'signing', generation: generation + index, algorithm } as const;
    if (!(await makeKey(db, master, wanted))) return undefined;
  }
  return generation;
}

/** What is to be made: a signing key for an algorithm, a random secret for all else. */
type WantedKey = { readonly generation: number } & (
  | { readonly purpose: 'signing'; readonly algorithm: IdTokenAlgorithm }
  | { readonly purpose: 'cookie' | 'form' }
);

/** Another node may make one at the same moment, under the number that was free: look again then. */
async function makeMissing(db: Db, master: Buffer): Promise<void> {
  const keys = await listKeys(db);
  const [wanted] = missingOf(keys, master);
  if (wanted === undefined) return;
  await makeKey(db, master, wanted);
  await makeMissing(db, master);
}

function missingOf(keys: readonly ListedKey[], master: Buffer): WantedKey[] {
  const signing = keys.filter(({ purpose }) => purpose === 'signing');
  const present = new Set(signing.map((key) => toJwk(open(master, key)).alg));
  const isThere = (wanted: KeyPurpose) => keys.some(({ purpose }) => purpose === wanted);
  return [
    ...(['cookie', 'form'] as const)
      .filter((purpose) => !isThere(purpose))
      .map((purpose) => ({ purpose, generation: 1 })),
    ...idTokenAlgorithms
      .filter((algorithm) => !present.has(algorithm))
      .map((algorithm) => ({
        purpose: 'signing' as const,
        generation: nextGeneration(signing),
        algorithm,
      })),
  ];
}

function nextGeneration(keys: readonly ListedKey[]): number {
  return Math.max(0, ...keys.map(({ generation }) => generation)) + 1;
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

function toJwk(secret: Buffer): JWK {
  return JSON.parse(secret.toString());
}

/** @returns whether it was added: another node may have taken the generation. */
async function makeKey(db: Db, master: Buffer, wanted: WantedKey): Promise<boolean> {
  const { purpose, generation } = wanted;
  const secret =
    wanted.purpose === 'signing' ? await makeSigningKey(wanted.algorithm) : randomBytes(32);
  const wrapped = wrap(master, secret, `${purpose} ${generation}`);
  return addKey(db, { purpose, generation, wrapped });
}

/** RSA keys have 2,048 bits, jose's default (RFC 7518 section 3.3: or more). */
async function makeSigningKey(alg: IdTokenAlgorithm): Promise<Buffer> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomBytes(8).toString('hex');
  const jwk = { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
  return Buffer.from(JSON.stringify(jwk));
}
