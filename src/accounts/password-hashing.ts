/**
 * Password hashes: argon2id in the PHC string format,
 * `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
 *
 * Hashing is dear on purpose, so it waits in a queue: two at once, 64 waiting, 12 of them for one
 * account; networks take turns, and where the queue is full, who has most waiting gives way.
 * A flood of sign-ins then costs a bounded share of processor and memory. An account that does not
 * exist costs the same hash as one that does.
 *
 * Source: RFC 9106 (argon2), OWASP Password Storage Cheat Sheet (parameters), NIST SP 800-63B
 * section 3.1.1.2 (NFKC; length counted in code points; nothing truncated).
 *
 * @module
 */

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { StoredDataError, UnfitPasswordError } from '../lib/errors.ts';
import { createFairTurns, nobodysShare, type Share } from '../lib/fair-turns.ts';

/** What one hash costs; `memory` is in KiB. */
interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface PasswordHash extends Cost {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const cost: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const saltLength = 16;
const tagLength = 32;

const minCharacters = 8;
const maxBytes = 1024;

/** Half of the four threads that Node has for such work: files and name look-ups keep theirs. */
const room = { running: 2, waiting: 64, waitingPerAccount: 12 };

const phcForm =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Compared against when there is no account: the same work, and no password that fits. */
const nobody: PasswordHash = {
  ...cost,
  salt: randomBytes(saltLength),
  tag: randomBytes(tagLength),
};

/** Why a password cannot be used: fewer than 8 characters, over 1,024 bytes, not Unicode text. */
export type PasswordFault = 'too_short' | 'too_long' | 'not_text';

/** @returns what is wrong with a new password, or undefined. Costs nothing; hashes nothing. */
export function checkPassword(password: string): PasswordFault | undefined {
  const normalized = normalize(password);
  if (typeof normalized === 'string') return normalized;
  return normalized.characters < minCharacters ? 'too_short' : undefined;
}

/**
 * Hashes a new password with a new salt.
 *
 * @param share for whom it is hashed: see lib/fair-turns.ts.
 * @returns the PHC string to be stored.
 * @throws {UnfitPasswordError} `checkPassword` refuses the password; nothing was hashed.
 * @throws {TooBusyError} too many hashes are waiting already.
 */
export async function hashPassword(password: string, share = nobodysShare): Promise<string> {
  const fault = checkPassword(password);
  const normalized = normalize(password);
  if (fault !== undefined || typeof normalized === 'string') {
    throw new UnfitPasswordError(`the password is unfit: ${fault}`);
  }
  const salt = randomBytes(saltLength);
  const tag = await inTurn(share, () => compute(normalized.bytes, { ...cost, salt }, tagLength));
  return print({ ...cost, salt, tag });
}

/**
 * Compares a password with a stored hash.
 *
 * @param stored the PHC string of the account; undefined when there is no such account or it has
 *   no password: then the same work is done, and the answer is false.
 * @param share for whom it is compared: see lib/fair-turns.ts.
 * @returns whether it is the password. One that could never have been hashed (too long, not text)
 *   is false at once, whether the account exists or not.
 * @throws {StoredDataError} the stored text is not a hash of ours.
 * @throws {TooBusyError} too many hashes are waiting already.
 */
export async function verifyPassword(
  stored: string | undefined,
  password: string,
  share: Share = nobodysShare,
): Promise<boolean> {
  const expected = stored === undefined ? nobody : parse(stored);
  const normalized = normalize(password);
  if (typeof normalized === 'string') return false;
  const work = () => compute(normalized.bytes, expected, expected.tag.length);
  const tag = await inTurn(share, work);
  return timingSafeEqual(tag, expected.tag) && stored !== undefined;
}

/**
 * @returns whether a stored hash was made at another cost than today's; then hash the password
 *   again at the next successful sign-in.
 * @throws {StoredDataError} the stored text is not a hash of ours.
 */
export function needsRehash(stored: string): boolean {
  const hash = parse(stored);
  return (
    hash.memory !== cost.memory ||
    hash.passes !== cost.passes ||
    hash.parallelism !== cost.parallelism ||
    hash.salt.length !== saltLength ||
    hash.tag.length !== tagLength
  );
}

/** A lone surrogate is refused: in UTF-8 all of them become one character, hence one password. */
function normalize(
  password: string,
): { readonly bytes: Buffer; readonly characters: number } | 'too_long' | 'not_text' {
  if (Buffer.byteLength(password) > maxBytes) return 'too_long';
  if (!password.isWellFormed()) return 'not_text';
  const text = password.normalize('NFKC');
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes) return 'too_long';
  return { bytes, characters: Array.from(text).length };
}

const argon2Async = promisify(argon2);

function compute(
  message: Buffer,
  { memory, passes, parallelism, salt }: Omit<PasswordHash, 'tag'>,
  length: number,
): Promise<Buffer> {
  const work = { message, nonce: salt, memory, passes, parallelism, tagLength: length };
  return argon2Async('argon2id', work);
}

function print({ memory, passes, parallelism, salt, tag }: PasswordHash): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function parse(stored: string): PasswordHash {
  const [, memory, passes, parallelism, salt, tag] = phcForm.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) {
    throw new StoredDataError('a stored password hash is not an argon2id PHC string');
  }
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

/** The queue is the process's, as the processor is: all who hash wait in the same one. */
const turns = createFairTurns(room);
const { inTurn } = turns;

/** @returns how many hashes are computed, and how many wait for their turn. */
export function hashingLoad(): { readonly running: number; readonly waiting: number } {
  return turns.load();
}
