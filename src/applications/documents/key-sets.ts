/**
 * The keys of clients that publish them at an address (`jwks_uri`).
 *
 * They are kept as long as their headers say, an hour at most. A signature that none of them made is a
 * reason to look again at once, since that is how a new key shows itself; but no more often than every
 * few seconds, since anybody can send a signature. Keys that cannot be fetched any more count on for a day.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import { compactVerify } from 'jose';
import type { Client } from '../../clients/client.ts';
import { assertionAlgorithms, type PublicKey, readPublicKeys } from '../../clients/public-keys.ts';
import { FetchRefusedError } from '../../fetching/fetch-refused-error.ts';
import { type FreshnessBounds, freshSeconds } from '../../fetching/freshness.ts';
import { createGuardedFetch, type GuardedFetch } from '../../fetching/guarded-fetch.ts';
import {
  type FetchedKeySet,
  findKeySet,
  postponeKeySet,
  saveKeySet,
} from '../../storage/clients/client-key-sets.ts';
import type { Database } from '../../storage/engine/database.ts';

/** The keys of clients that have them elsewhere. */
export interface KeySets {
  /**
   * @param assertion what the client presents, to be checked by the keys.
   * @returns its keys; undefined where it has none elsewhere, or none that can be had.
   */
  keysFor(client: Client, assertion: string): Promise<readonly PublicKey[] | undefined>;
}

const limits = { maxBytes: 64 * 1024, timeoutMs: 3_000 };
const bounds: FreshnessBounds = { leastSeconds: 60, mostSeconds: 3_600 };
const waitSeconds = 5;
const mostKeys = 20;

/** Kept where there never were keys, so that they are not asked for all the time either. */
const none = { keys: [], freshSeconds: 0 };

/** @param loopback whether addresses on this machine are taken; for tests, never in production. */
export function createKeySets(database: Database, loopback: boolean): KeySets {
  const fetch = createGuardedFetch({ loopback, privateNetworks: false }, limits);
  const underWay = new Map<string, Promise<readonly PublicKey[] | undefined>>();

  const bringIn = (clientId: string, uri: string, isNew: boolean) => {
    const work = async () => {
      const fetched = await fetchKeys(fetch, uri);
      const set = fetched ?? (isNew ? none : undefined);
      if (set === undefined) await postponeKeySet(database, clientId, waitSeconds);
      else await saveKeySet(database, { ...set, clientId, uri, waitSeconds });
      return set?.keys;
    };
    const name = JSON.stringify([clientId, uri]);
    const task = underWay.get(name) ?? work().finally(() => underWay.delete(name));
    underWay.set(name, task);
    return task;
  };

  return {
    async keysFor({ id, jwksUri: uri }, assertion) {
      if (uri === undefined) return undefined;
      const stored = await findKeySet(database, id, uri);
      if (stored === undefined) return bringIn(id, uri, true);
      const isKnown = stored.isFresh && (await isSignedBy(assertion, stored.keys));
      if (isKnown || stored.isWaiting) return stored.isAlive ? stored.keys : undefined;
      return (await bringIn(id, uri, false)) ?? (stored.isAlive ? stored.keys : undefined);
    },
  };
}

async function fetchKeys(
  fetch: GuardedFetch,
  uri: string,
): Promise<Pick<FetchedKeySet, 'keys' | 'freshSeconds'> | undefined> {
  try {
    const answer = await fetch(uri, {
      headers: { Accept: 'application/jwk-set+json, application/json' },
    });
    if (answer.status !== 200) return undefined;
    const read = readPublicKeys(JSON.parse(await answer.text()), mostKeys);
    if (read.outcome === 'refused') return undefined;
    return { keys: read.keys, freshSeconds: freshSeconds(answer.headers, bounds, Date.now()) };
  } catch (error) {
    if (error instanceof FetchRefusedError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether one of the keys made the signature; all else about an assertion is judged elsewhere. */
async function isSignedBy(assertion: string, keys: readonly PublicKey[]): Promise<boolean> {
  const algorithms = [...assertionAlgorithms];
  for (const key of keys) {
    try {
      const material = createPublicKey({ key: { ...key }, format: 'jwk' });
      await compactVerify(assertion, material, { algorithms });
      return true;
    } catch {} // by another key, or none
  }
  return false;
}
