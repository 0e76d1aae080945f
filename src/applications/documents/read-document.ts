/**
 * A document from its host, or from an operator, to what is stored of it.
 *
 * @module
 */

import { expandForRegistration } from '../../catalogue/expand-scope.ts';
import { type ClientDocument, readClientDocument } from '../../clients/client-document.ts';
import { findUnvouchedFault } from '../../clients/required-scope.ts';
import { FetchRefusedError } from '../../fetching/fetch-refused-error.ts';
import { type FreshnessBounds, freshSeconds } from '../../fetching/freshness.ts';
import type { GuardedFetch } from '../../fetching/guarded-fetch.ts';
import { fromMetadata, type RegisteredMetadata } from '../metadata-mapping.ts';

/** What is stored of a document, and how long it need not be asked for again. */
export interface ReadDocument {
  readonly outcome: 'read';
  readonly registered: RegisteredMetadata;
  readonly freshSeconds: number;
}

/** Why there is no document, or none that can be used. */
export interface UnreadDocument {
  readonly outcome: 'unread';
  /** In ASCII, to be said after the words "the metadata document". */
  readonly reason: string;
}

const bounds: FreshnessBounds = { leastSeconds: 300, mostSeconds: 86_400 };

/** Fetches a document. Never throws: what a host does is an outcome. */
export async function fetchDocument(
  fetch: GuardedFetch,
  address: URL,
  production: boolean,
): Promise<ReadDocument | UnreadDocument> {
  let answer: Response;
  try {
    answer = await fetch(address.href, { headers: { Accept: 'application/json' } });
  } catch (error) {
    if (!(error instanceof FetchRefusedError)) throw error;
    return unread('could not be fetched: it must come within 3 seconds, and have at most 5 KiB');
  }
  if (answer.status !== 200) return unread(`came with status ${answer.status} in place of 200`);
  const type = answer.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) return unread('came as no JSON');
  const seconds = freshSeconds(answer.headers, bounds, Date.now());
  return readDocument(address, await answer.text(), { production, seconds });
}

/** Reads the text of a document that an operator gives, or that was fetched. */
export function readDocument(
  address: URL,
  text: string,
  { production, seconds }: { readonly production: boolean; readonly seconds: number },
): ReadDocument | UnreadDocument {
  const rules = { production, expandScope: expandForRegistration };
  const read = readClientDocument(address.href, text, rules);
  if (read.outcome === 'refused') return unread(read.reason);
  return { outcome: 'read', registered: toRegistered(address, read), freshSeconds: seconds };
}

/** A required scope that nobody may ask for unvouched is a field that is not used. */
function toRegistered(
  { hostname }: URL,
  { metadata, claimedName }: ClientDocument,
): RegisteredMetadata {
  const { required_scope: _required, ...others } = metadata;
  const registered = fromMetadata(
    findUnvouchedFault(metadata) === undefined ? metadata : { ...others },
  );
  const name = nameOf(hostname);
  return {
    ...registered,
    name,
    ...(claimedName === undefined || claimedName === name ? {} : { claimedName }),
  };
}

const longestName = 64;

/** Of a host that is too long the end stays: it says whose it is. */
function nameOf(host: string): string {
  return host.length <= longestName ? host : `\u2026${host.slice(1 - longestName)}`;
}

function unread(reason: string): UnreadDocument {
  return { outcome: 'unread', reason };
}
