/**
 * Proving that the domain of an application's home page is its developer's, by a text record of the domain:
 *
 *     _usher.example.com  TXT  usher-verification=<token>
 *
 * The token is made for one application at one issuer, so a record proves the domain for that application
 * alone. It is no secret: whoever reads it in the DNS can prove nothing with it. A look-up that fails, or
 * takes too long, changes nothing.
 *
 * @module
 */

import { homeHostOf } from '../clients/home-page.ts';
import type { FindTexts } from '../fetching/text-records.ts';
import { sha256 } from '../lib/secrets.ts';
import { holdOwnClient } from '../storage/clients/own-clients.ts';
import {
  findProvedHost,
  saveProvedHost,
  validProvedHost,
} from '../storage/clients/proved-hosts.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';
import { changeOwned, findForChange, idOf, type OwnApplicationIds } from './owner.ts';

/** What the developer is to publish. */
export interface DomainRecord {
  readonly host: string;
  readonly name: string;
  readonly text: string;
}

/** How a check went. */
export type ProofOutcome =
  | { readonly outcome: 'proved' }
  /** `found`: other text records of that name, the first few, in printable ASCII. */
  | { readonly outcome: 'not_found'; readonly found: readonly string[] }
  | { readonly outcome: 'no_answer' }
  /** Asked for too often. */
  | { readonly outcome: 'too_often' }
  /** There is no home page, or it moved during the look-up. */
  | { readonly outcome: 'no_home_page' }
  | { readonly outcome: 'unknown' };

/** What a check is made with. */
export interface ProofParts {
  readonly issuer: string;
  readonly findTexts: FindTexts;
}

/** How often an hour one application's domain is looked up. */
const maxChecks = 30;
const windowSeconds = 60 * 60;
const most = { texts: 5, characters: 120 };

/** @returns undefined for an application without a home page on the Internet. */
export function recordOf(
  issuer: string,
  { id, clientUri }: { readonly id: string; readonly clientUri?: string },
): DomainRecord | undefined {
  const host = homeHostOf(clientUri);
  if (host === undefined) return undefined;
  const token = sha256(JSON.stringify(['domain proof', issuer, id])).toString('base64url');
  return { host, name: `_usher.${host}`, text: `usher-verification=${token}` };
}

/** @returns when the domain of the home page was proved; undefined where it is not. */
export async function provedAt(
  db: Db,
  { id, clientUri }: { readonly id: string; readonly clientUri?: string },
): Promise<Date | undefined> {
  const proved = await findProvedHost(db, id);
  return validProvedHost(proved?.host, clientUri) === undefined ? undefined : proved?.at;
}

/**
 * Looks the record up, and writes down that the domain is proved.
 *
 * @throws {RefusedError} `forbidden`, `not_found`.
 */
export async function proveDomain(
  { issuer, findTexts }: ProofParts,
  work: Work,
  ids: OwnApplicationIds,
): Promise<ProofOutcome> {
  const client = await findForChange(work.plain, ids);
  if (client === undefined) return { outcome: 'unknown' };
  const record = recordOf(issuer, client);
  if (record === undefined) return { outcome: 'no_home_page' };
  const bucket = sha256(JSON.stringify(['domain proof', client.id]));
  const { attempts } = await countAttempt(work.plain, bucket, windowSeconds);
  if (attempts > maxChecks) return { outcome: 'too_often' };
  const answer = await findTexts(record.name);
  if (answer.outcome === 'no_answer') return answer;
  const texts = answer.outcome === 'found' ? answer.texts : [];
  if (!texts.some((text) => text.trim() === record.text)) {
    return { outcome: 'not_found', found: texts.slice(0, most.texts).map(printable) };
  }
  return saveProof(work, ids, record.host);
}

function saveProof(work: Work, ids: OwnApplicationIds, host: string): Promise<ProofOutcome> {
  const { owner, clientId } = ids;
  return changeOwned<ProofOutcome>(work, ids, 'application.updated', async (tx) => {
    const held = await holdOwnClient(tx, idOf(owner), clientId);
    if (held === undefined) return { result: { outcome: 'unknown' } };
    if (homeHostOf(held.clientUri) !== host) return { result: { outcome: 'no_home_page' } };
    const before = await findProvedHost(tx, clientId);
    await saveProvedHost(tx, clientId, host);
    return {
      result: { outcome: 'proved' },
      before: { proved_host: before?.host ?? null },
      after: { proved_host: host },
    };
  });
}

/** Somebody else's text, which may hold anything. */
function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, '?');
  return shown.length > most.characters ? `${shown.slice(0, most.characters)}…` : shown;
}
