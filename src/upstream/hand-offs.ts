/**
 * Hand-offs: the platform, which has no OpenID provider, says itself who is at the browser.
 *
 *     browser begins -> challenge -> the platform's service client names the account -> answer -> browser ends
 *
 * The challenge finds what was begun and gives nobody a session: that takes the answer, which only the
 * platform gets, and the cookie of the browser that began. Each of the two counts once, and is stored as
 * its SHA-256 alone; what is kept beside it is sealed by it.
 *
 * @module
 */

import type { SaidElsewhere } from '../accounts/authentication.ts';
import { open, seal } from '../lib/key-wrapping.ts';
import { randomSecret, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  insertPending,
  type PendingKind,
  takePending,
  takePendingOfAny,
} from '../storage/people/pending-sign-ins.ts';

/** How long the platform may take, and then the browser. */
const challengeSeconds = 15 * 60;
const answerSeconds = 2 * 60;

/** What a browser began. */
export interface BegunHandOff {
  /** The page or request to go on with, as the pages write it. */
  readonly destination: unknown;
  /** Whether the person has to prove who they are once more. */
  readonly isFresh: boolean;
  /** The issuer of the platform's own ids: the origin of its sign-in page. */
  readonly platform: string;
  /** Where the browser ends, without the answer. */
  readonly finish: string;
}

/** Whom the platform named: the account in the epoch of that moment; undefined: it is suspended. */
export interface NamedHandOff extends BegunHandOff, SaidElsewhere {
  readonly account: { readonly id: string; readonly signInEpoch: number } | undefined;
}

/** @returns a new challenge. */
export function newChallenge(): string {
  return randomSecret('usher_challenge_');
}

/** What challenges look like. */
export const challengeForm = /^usher_challenge_[0-9A-Za-z]{49}$/;

/** Remembers what was begun. @param browserId of the browser, see lib/browser-identity.ts. */
export async function rememberHandOff(
  db: Db,
  { challenge, browserId }: { readonly challenge: string; readonly browserId: string },
  begun: BegunHandOff,
): Promise<void> {
  const key = { kind: 'HandOff', id: sha256(challenge), browser: sha256(browserId) } as const;
  await insertPending(db, key, sealed('HandOff', challenge, begun), challengeSeconds);
}

/** What was begun, taken from its challenge. */
export interface TakenHandOff {
  readonly begun: BegunHandOff;
  /** The SHA-256 of the id of the browser that began. */
  readonly browser: Buffer;
}

/** @returns what was begun, once; undefined when it is over. A rolled back transaction gives it back. */
export async function takeHandOff(tx: Db, challenge: string): Promise<TakenHandOff | undefined> {
  const taken = await takePendingOfAny(tx, { kind: 'HandOff', id: sha256(challenge) });
  if (taken === undefined) return undefined;
  const begun = opened('HandOff', challenge, taken.sealed) as BegunHandOff;
  return { begun, browser: taken.browser };
}

/** Remembers whom the platform named. @returns the answer to send the browser back with. */
export async function answerHandOff(tx: Db, browser: Buffer, named: NamedHandOff): Promise<string> {
  const answer = randomSecret('usher_answer_');
  const key = { kind: 'HandOffAnswer', id: sha256(answer), browser } as const;
  await insertPending(tx, key, sealed('HandOffAnswer', answer, named), answerSeconds);
  return answer;
}

/** @returns whom the platform named, once; undefined when it is over or another browser's. */
export async function claimHandOff(
  db: Db,
  answer: string,
  browserId: string | undefined,
): Promise<NamedHandOff | undefined> {
  if (browserId === undefined) return undefined;
  const key = { kind: 'HandOffAnswer', id: sha256(answer), browser: sha256(browserId) } as const;
  const taken = await takePending(db, key);
  return taken && (opened('HandOffAnswer', answer, taken) as NamedHandOff);
}

function sealed(kind: PendingKind, secret: string, what: object): Buffer {
  return seal(keyOf(secret), Buffer.from(JSON.stringify(what)), kind);
}

function opened(kind: PendingKind, secret: string, bytes: Buffer): unknown {
  return JSON.parse(open(keyOf(secret), bytes, kind).toString());
}

function keyOf(secret: string): Buffer {
  return sha256(`\0\0\0\x01${JSON.stringify([secret])} usher hand-off`);
}
