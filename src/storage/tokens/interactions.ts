/**
 * Interactions among the `provider_records`: authorization requests that wait for their user.
 *
 *   waiting -> answered (its `result` is set, once) -> finished (only the sealed answer is kept)
 *
 * Each belongs to the browser in which it began, and is found by both.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** Which interaction, and in which browser: the SHA-256 of both ids. */
export interface InteractionKey {
  readonly id: Buffer;
  readonly browser: Buffer;
}

/** An interaction as it is stored. */
export interface StoredInteraction {
  readonly payload: Record<string, unknown>;
  /** Whether the session lives that it goes on from; false where it goes on from none. */
  readonly isSessionLive: boolean;
}

const findSql = `
  select r.payload, s.uid is not null as "isSessionLive"
    from provider_records r
    left join sessions s on s.uid = r.payload -> 'session' ->> 'uid' and s.expires_at > now()
     and s.account_id is not null
   where r.kind = 'Interaction' and r.id = $1 and r.browser = $2 and r.expires_at > now()`;
const find = statement(findSql);
const lock = statement(`${findSql} for update of r`);
const answer = statement(`
  update provider_records set payload = (payload - $4::text) || jsonb_build_object('result', $3::jsonb)
   where kind = 'Interaction' and id = $1 and browser = $2 and expires_at > now()
     and not payload ? 'result'
  returning 1`);
const isAnsweredSql = statement(`
  select 1 from provider_records
   where id = $1 and browser = $2 and expires_at > now()
     and (kind = 'InteractionAnswer' or kind = 'Interaction' and payload ? 'result')`);
const findFinal = statement(`
  select payload ->> 'sealed' as sealed from provider_records
   where kind = 'InteractionAnswer' and id = $1 and browser = $2 and expires_at > now()`);
const insertFinal = statement(`
  insert into provider_records (kind, id, browser, payload, expires_at)
  values ('InteractionAnswer', $1, $2, jsonb_build_object('sealed', $3::text),
          now() + make_interval(secs => $4))`);

/** @returns undefined when there is none, it is over, or it is another browser's. */
export async function findInteraction(
  db: Db,
  { id, browser }: InteractionKey,
): Promise<StoredInteraction | undefined> {
  const [row] = await db.query<StoredInteraction>(find, [id, browser]);
  return row;
}

/** As `findInteraction`; nobody else answers or finishes it until the transaction is over. */
export async function lockInteraction(
  tx: Db,
  { id, browser }: InteractionKey,
): Promise<StoredInteraction | undefined> {
  const [row] = await tx.query<StoredInteraction>(lock, [id, browser]);
  return row;
}

/**
 * Answers an interaction, once.
 *
 * @param isOfSession whether it goes on from the session that it began in.
 * @returns false when it has an answer already, or is over.
 */
export async function answerInteraction(
  db: Db,
  { id, browser }: InteractionKey,
  result: Record<string, unknown>,
  isOfSession: boolean,
): Promise<boolean> {
  const values = [id, browser, result, isOfSession ? '' : 'session'];
  return (await db.query(answer, values)).length === 1;
}

/** Whether it was answered, and perhaps finished since, in this browser. */
export async function isInteractionAnswered(
  db: Db,
  { id, browser }: InteractionKey,
): Promise<boolean> {
  return (await db.query(isAnsweredSql, [id, browser])).length > 0;
}

/** @returns the sealed answer with which it was finished, for as long as it is kept. */
export async function findFinalAnswer(
  db: Db,
  { id, browser }: InteractionKey,
): Promise<Buffer | undefined> {
  const [row] = await db.query<{ sealed: string }>(findFinal, [id, browser]);
  return row && Buffer.from(row.sealed, 'base64');
}

/** Keeps the sealed answer with which an interaction was finished. */
export async function keepFinalAnswer(
  tx: Db,
  { id, browser }: InteractionKey,
  sealed: Buffer,
  lifetimeSeconds: number,
): Promise<void> {
  await tx.query(insertFinal, [id, browser, sealed.toString('base64'), lifetimeSeconds]);
}
