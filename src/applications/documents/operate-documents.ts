/**
 * What operators decide about applications that are known by a document: which hosts are taken, and a
 * document's text where its host does not give it to programs.
 *
 * @module
 */

import { readDocumentAddress } from '../../clients/document-address.ts';
import {
  listDocumentHosts,
  removeDocumentHost,
  saveDocumentHost,
  unpinDocument,
} from '../../storage/clients/client-documents.ts';
import type { Database, Db } from '../../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from '../as-operator.ts';
import { readDocument } from './read-document.ts';
import { storeDocument } from './store-document.ts';

type Refused = { readonly outcome: 'refused'; readonly reason: string };

export type HostOutcome =
  | { readonly outcome: 'changed'; readonly suspended: number; readonly reinstated: number }
  | { readonly outcome: 'unchanged' }
  | Refused
  | NotAllowed;

/** What is to hold for a host and all below it. */
export type HostRule = 'allowed' | 'blocked' | 'forgotten';

/**
 * Allows, blocks or forgets a host. A block suspends its applications at once, tokens and all; when it is
 * lifted, those that it suspended work again.
 */
export function ruleHost(
  database: Database,
  actor: Actor,
  { host: written, rule }: { readonly host: string; readonly rule: HostRule },
): Promise<HostOutcome> {
  const host = written.toLowerCase();
  const act = { action: `document_host.${rule}`, subject: host };
  return asOperator<HostOutcome>(database, actor, act, async (tx, record) => {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(host) || host.length > 253) {
      return { outcome: 'refused', reason: 'A host is a name such as claude.ai, without https://' };
    }
    const change =
      rule === 'forgotten'
        ? await removeDocumentHost(tx, host)
        : await saveDocumentHost(tx, host, rule === 'allowed');
    if (change === undefined) return { outcome: 'unchanged' };
    await record({ after: change });
    return { outcome: 'changed', ...change };
  });
}

/** The hosts that were allowed or blocked, by name. */
export async function listHosts(db: Db) {
  const hosts = await listDocumentHosts(db);
  return hosts.map(({ host, isAllowed, notedAt, clients }) => ({
    host,
    rule: isAllowed ? 'allowed' : 'blocked',
    applications: clients,
    since: notedAt,
  }));
}

export type PinOutcome =
  | { readonly outcome: 'changed'; readonly redirect_uris: readonly string[] }
  | Refused
  | NotAllowed;

/** A document as an operator gives it. */
export interface PinnedDocument {
  readonly clientId: string;
  readonly text: string;
  readonly production: boolean;
}

/** Takes a document from an operator, and never asks its host for it. */
export function pinDocument(
  database: Database,
  actor: Actor,
  { clientId, text, production }: PinnedDocument,
): Promise<PinOutcome> {
  const act = { action: 'application.document_pinned', subject: clientId };
  return asOperator<PinOutcome>(database, actor, act, async (tx, record) => {
    const address = readDocumentAddress(clientId, !production);
    if (typeof address === 'string')
      return { outcome: 'refused', reason: `The address ${address}` };
    const read = readDocument(address, text, { production, seconds: 0 });
    if (read.outcome === 'unread') {
      return { outcome: 'refused', reason: `The document ${read.reason}` };
    }
    const by = { actorAccountId: actor.accountId, origin: actor.origin, isPinned: true };
    await storeDocument(tx, address, read, by);
    await record({ actorClientId: clientId });
    return { outcome: 'changed', redirect_uris: read.registered.redirectUris };
  });
}

export type UnpinOutcome = { readonly outcome: 'changed' | 'unchanged' } | NotAllowed;

/** From now on the document is fetched again. */
export function releaseDocument(
  database: Database,
  actor: Actor,
  clientId: string,
): Promise<UnpinOutcome> {
  const act = { action: 'application.document_unpinned', subject: clientId };
  return asOperator<UnpinOutcome>(database, actor, act, async (tx, record) => {
    if (!(await unpinDocument(tx, clientId))) return { outcome: 'unchanged' };
    await record({ actorClientId: clientId });
    return { outcome: 'changed' };
  });
}
