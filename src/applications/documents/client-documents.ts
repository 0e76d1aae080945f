/**
 * Applications that are known by the address of a document (`client_id`), and by nothing else.
 *
 *     address -> host allowed? -> known and fresh: as it is stored
 *                              -> fetch it -> store it
 *                                          -> it failed: as it is stored, for a day; then not at all
 *
 * A host is asked for a document once at a time in a process, whoever waits for it. An address that is
 * not known costs a fetch and a row, so one network can introduce so many an hour, and one host, too.
 *
 * Source: draft-ietf-oauth-client-id-metadata-document-03 sections 5 and 8.
 *
 * @module
 */

import { readDocumentAddress } from '../../clients/document-address.ts';
import { createGuardedFetch } from '../../fetching/guarded-fetch.ts';
import { networkOf } from '../../lib/network.ts';
import { sha256 } from '../../lib/secrets.ts';
import type { Origin } from '../../storage/audit/audit-log.ts';
import {
  type DocumentState,
  type KnownDocument,
  postponeDocument,
  readDocumentState,
} from '../../storage/clients/client-documents.ts';
import type { Database } from '../../storage/engine/database.ts';
import { countAttempt } from '../../storage/people/attempt-counters.ts';
import { fetchDocument, type UnreadDocument } from './read-document.ts';
import { storeDocument } from './store-document.ts';

/** How documents are dealt with; undefined settings of the process: not at all. */
export interface DocumentSettings {
  /** Whether only hosts that an operator allowed are taken. */
  readonly onlyListedHosts: boolean;
  /** Whether hosts on this machine are taken; for tests, never in production. */
  readonly loopback: boolean;
  readonly production: boolean;
  /** How many unknown addresses an hour one network may send us to. */
  readonly introductionsPerHour: number;
}

/** Whether the application of an address can be dealt with. */
export type DocumentOutcome =
  | { readonly outcome: 'ready' }
  /** It never was, and this is not the request to make it known. */
  | { readonly outcome: 'unknown' }
  | {
      /** `refused` will be so again; `unavailable` may be otherwise later. */
      readonly outcome: 'refused' | 'unavailable';
      /** In ASCII: fit to be an `error_description`. */
      readonly reason: string;
    };

/** The applications that are known by a document. */
export interface ClientDocuments {
  /**
   * Brings the stored application up to its document, where that is needed.
   *
   * @param origin of the request that may make it known; undefined where none may.
   */
  resolve(clientId: string, origin: Origin | undefined): Promise<DocumentOutcome>;
}

const limits = { maxBytes: 5 * 1024, timeoutMs: 3_000 };
const hostIntroductionsPerHour = 300;

/** @returns the documents as this process fetches them. */
export function createClientDocuments(
  database: Database,
  settings: DocumentSettings,
): ClientDocuments {
  const { production, loopback, onlyListedHosts } = settings;
  const fetch = createGuardedFetch({ loopback, privateNetworks: false }, limits);
  const underWay = new Map<string, Promise<UnreadDocument | undefined>>();

  /** @returns undefined when the document was fetched and stored; why not, otherwise. */
  const bringIn = (address: URL, origin: Origin | undefined) => {
    const work = async () => {
      const { known } = await readDocumentState(database, address.href, address.hostname);
      if (known?.isFresh) return undefined; // somebody was faster
      const read = await fetchDocument(fetch, address, production);
      if (read.outcome === 'unread') return read;
      const by = { origin, isPinned: false };
      await database.run((tx) => storeDocument(tx, address, read, by));
      return undefined;
    };
    const task = underWay.get(address.href) ?? work().finally(() => underWay.delete(address.href));
    underWay.set(address.href, task);
    return task;
  };

  return {
    async resolve(clientId, origin) {
      const address = readDocumentAddress(clientId, loopback);
      if (typeof address === 'string') return refused(`client_id ${address}`);
      const state = await readDocumentState(database, clientId, address.hostname);
      const barrier = barrierOf(state, onlyListedHosts);
      if (barrier !== undefined) return refused(barrier);
      if (state.known !== undefined) return refresh(database, state.known, address, bringIn);
      if (origin === undefined) return { outcome: 'unknown' };
      const crowd = await countIntroduction(database, address, origin, settings);
      if (crowd !== undefined) return { outcome: 'unavailable', reason: crowd };
      const unread = await bringIn(address, origin);
      return unread === undefined ? { outcome: 'ready' } : refused(said(unread));
    },
  };
}

type BringIn = (address: URL, origin: Origin | undefined) => Promise<UnreadDocument | undefined>;

async function refresh(
  database: Database,
  known: KnownDocument,
  address: URL,
  bringIn: BringIn,
): Promise<DocumentOutcome> {
  if (known.isPinned || known.isFresh) return { outcome: 'ready' };
  if (known.isWaiting) return known.isAlive ? { outcome: 'ready' } : resting;
  const unread = await bringIn(address, undefined);
  if (unread === undefined) return { outcome: 'ready' };
  await postponeDocument(database, address.href);
  return known.isAlive ? { outcome: 'ready' } : { ...resting, reason: said(unread) };
}

const resting = {
  outcome: 'unavailable',
  reason: 'the metadata document could not be fetched for more than a day; try again in a minute',
} as const;

/** A pinned document is an operator's word for its host, unless the host is blocked. */
function barrierOf(
  { isHostAllowed, known }: DocumentState,
  onlyListedHosts: boolean,
): string | undefined {
  if (isHostAllowed === false) return 'the host of this client_id is blocked here';
  if (!onlyListedHosts || isHostAllowed === true || known?.isPinned === true) return undefined;
  return 'the host of this client_id is not allowed here; ask an operator of this server to allow it';
}

/** Failures count as well: to try addresses costs as much as to have one. */
async function countIntroduction(
  database: Database,
  { hostname }: URL,
  { address = '' }: Origin,
  { introductionsPerHour: mostByNetwork }: DocumentSettings,
): Promise<string | undefined> {
  const count = async (kind: string, what: string) => {
    const bucket = sha256(JSON.stringify([kind, what]));
    return (await countAttempt(database, bucket, 3_600)).attempts;
  };
  if ((await count('document network', networkOf(address))) > mostByNetwork) {
    return 'too many unknown applications from this network; try again later';
  }
  return (await count('document host', hostname)) > hostIntroductionsPerHour
    ? 'too many unknown applications of this host; try again later'
    : undefined;
}

function said({ reason }: UnreadDocument): string {
  return `the metadata document at client_id ${reason}`;
}

function refused(reason: string): DocumentOutcome {
  return { outcome: 'refused', reason };
}
