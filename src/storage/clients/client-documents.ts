/**
 * The tables `client_documents` and `client_document_hosts`: applications whose `client_id` is the address
 * of a document, when it was fetched, and which hosts operators allowed or blocked. What the document says
 * is in `clients`, as of any application.
 *
 * A rule for a host holds below it, too; of several the closest counts.
 *
 * Source: migrations/ (client-documents).
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** How long a document that cannot be fetched any more counts on, in hours. */
const outlivesHours = 24;
/** How long one that could not be fetched is not asked for again, in seconds. */
const retrySeconds = 60;

/** What is known of a document. */
export interface DocumentState {
  /** What operators said about its host; undefined: nothing. */
  readonly isHostAllowed: boolean | undefined;
  /** Undefined: it was never fetched. */
  readonly known: KnownDocument | undefined;
}

/** What is kept of a document. */
export interface KnownDocument {
  /** An operator gave its text; it is never fetched. */
  readonly isPinned: boolean;
  /** Its headers say that it need not be asked for yet. */
  readonly isFresh: boolean;
  /** It could not be fetched a moment ago. */
  readonly isWaiting: boolean;
  /** It is not so old that it counts no more. */
  readonly isAlive: boolean;
}

interface StateRow {
  host_rule: boolean | null;
  is_pinned: boolean | null;
  is_fresh: boolean;
  is_waiting: boolean;
  is_alive: boolean;
}

const select = statement(`
  select (select h.is_allowed from client_document_hosts h where h.host = any ($2::text[])
           order by length(h.host) desc limit 1) as host_rule,
         d.is_pinned, d.fresh_until > now() as is_fresh, d.retry_at > now() as is_waiting,
         d.fetched_at > now() - interval '${outlivesHours} hours' as is_alive
    from (select $1::text as id) q left join client_documents d on d.client_id = q.id`);
const save = statement(`
  insert into client_documents as d (client_id, host, is_pinned, fresh_until)
  values ($1, $2, $3, now() + make_interval(secs => $4))
  on conflict (client_id) do update set is_pinned = excluded.is_pinned, fetched_at = now(),
    retry_at = now(), fresh_until = excluded.fresh_until`);
const postpone = statement(`
  update client_documents set retry_at = now() + interval '${retrySeconds} seconds'
   where client_id = $1`);
const unpin = statement(`
  update client_documents set is_pinned = false, fresh_until = now()
   where client_id = $1 and is_pinned returning client_id`);
const saveHost = statement(`
  insert into client_document_hosts (host, is_allowed) values ($1, $2)
  on conflict (host) do update set is_allowed = excluded.is_allowed, noted_at = now()`);
const removeHost = statement('delete from client_document_hosts where host = $1 returning host');
const listHosts = statement(`
  select h.host, h.is_allowed as "isAllowed", h.noted_at as "notedAt",
         (select count(*)::int from client_documents d
           where d.host = h.host or d.host like '%.' || h.host) as clients
    from client_document_hosts h order by h.host`);
/** The closest rule of each document's host is looked at anew, whatever changed. */
const closest = `(
  select h.is_allowed from client_document_hosts h
   where d.host = h.host or d.host like '%.' || h.host order by length(h.host) desc limit 1)`;
const suspendBlocked = statement(`
  with barred as (
    update client_documents d set is_barred = true
      from clients c
     where c.id = d.client_id and c.status = 'active' and ${closest} = false
    returning d.client_id)
  update clients set status = 'suspended' where id in (select client_id from barred) returning id`);
const reinstate = statement(`
  with freed as (
    update client_documents d set is_barred = false
     where d.is_barred and ${closest} is distinct from false
    returning d.client_id)
  update clients set status = 'active' where id in (select client_id from freed) returning id`);

/** @param host of the client's address. */
export async function readDocumentState(
  db: Db,
  clientId: string,
  host: string,
): Promise<DocumentState> {
  const [row] = await db.query<StateRow>(select, [clientId, hostsAbove(host)]);
  const { host_rule: rule = null, is_pinned: isPinned = null } = row ?? {};
  return {
    isHostAllowed: rule ?? undefined,
    known:
      row === undefined || isPinned === null
        ? undefined
        : {
            isPinned,
            isFresh: row.is_fresh,
            isWaiting: row.is_waiting,
            isAlive: row.is_alive,
          },
  };
}

/** The host itself and all it lies in. */
function hostsAbove(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_label, index) => labels.slice(index).join('.'));
}

/** What is kept when a document was read. */
export interface ReadDocument {
  readonly clientId: string;
  readonly host: string;
  readonly isPinned: boolean;
  readonly freshSeconds: number;
}

/** Notes that a document was just fetched, or given by an operator. */
export async function saveDocument(tx: Db, document: ReadDocument): Promise<void> {
  const { clientId, host, isPinned, freshSeconds } = document;
  await tx.query(save, [clientId, host, isPinned, freshSeconds]);
}

/** Notes that a document could not be fetched: it is not asked for again at once. */
export async function postponeDocument(db: Db, clientId: string): Promise<void> {
  await db.query(postpone, [clientId]);
}

/** @returns whether the document was pinned; it is fetched from now on. */
export async function unpinDocument(tx: Db, clientId: string): Promise<boolean> {
  return (await tx.query(unpin, [clientId])).length > 0;
}

/** Allows or blocks a host. @returns the applications whose status changed with it. */
export async function saveDocumentHost(
  tx: Db,
  host: string,
  isAllowed: boolean,
): Promise<DocumentHostChange> {
  await tx.query(saveHost, [host, isAllowed]);
  return applyHosts(tx);
}

/** Forgets what was said about a host. @returns undefined where nothing was. */
export async function removeDocumentHost(
  tx: Db,
  host: string,
): Promise<DocumentHostChange | undefined> {
  const removed = await tx.query(removeHost, [host]);
  return removed.length === 0 ? undefined : applyHosts(tx);
}

/** How many applications a change of a host suspended and reinstated. */
interface DocumentHostChange {
  readonly suspended: number;
  readonly reinstated: number;
}

async function applyHosts(tx: Db): Promise<DocumentHostChange> {
  const suspended = await tx.query(suspendBlocked, []);
  const reinstated = await tx.query(reinstate, []);
  return { suspended: suspended.length, reinstated: reinstated.length };
}

/** What operators said about a host. */
interface DocumentHost {
  readonly host: string;
  readonly isAllowed: boolean;
  readonly notedAt: Date;
  /** How many applications are known whose documents are there. */
  readonly clients: number;
}

/** @returns all hosts that operators said something about, by name. */
export function listDocumentHosts(db: Db): Promise<DocumentHost[]> {
  return db.query<DocumentHost>(listHosts, []);
}
