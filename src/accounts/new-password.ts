/**
 * Whether a new password will do: 8 to 200 characters, whatever they are, as long as it is not one that
 * others would try first.
 *
 * What is tried first (the most used passwords, rows of keys, dates, repetitions, the person's own name
 * and address) is known by zxcvbn, which estimates how many guesses it takes. Refused is what
 * is guessed within a million: so many can be sent to a server that counts them. It looks at the first 64
 * characters alone, for its work grows with the square of the length. Its lists take about 30 MB and are
 * read when the first password is set.
 *
 * Source: NIST SP 800-63B-4 section 3.1.1.2 (length, no rules of composition, a list of common passwords,
 * the refusal says why); OWASP ASVS 5 sections 6.2.1, 6.2.4, 6.2.5, 6.2.9.
 *
 * @module
 */

import type { Match } from '@zxcvbn-ts/core';
import { checkPassword, type PasswordFault } from './password-hashing.ts';

/** Why a new password is refused. */
export type NewPasswordFault = PasswordFault | 'common' | 'personal' | 'pattern' | 'guessable';

/** Whose password it is to be: it must not be made of these. */
export interface PasswordOwner {
  readonly email: string;
  readonly name?: string | undefined;
}

const maxCharacters = 200;
const judgedCharacters = 64;
/** Of 0 to 4; 2 takes more than a million guesses. */
const leastScore = 2;

/** @returns why the password cannot be used; undefined of a good one. Hashes nothing. */
export async function judgeNewPassword(
  password: string,
  owner: PasswordOwner,
): Promise<NewPasswordFault | undefined> {
  const fault = checkPassword(password);
  if (fault !== undefined) return fault;
  const characters = Array.from(password.normalize('NFKC'));
  if (characters.length > maxCharacters) return 'too_long';
  const start = characters.slice(0, judgedCharacters).join('');
  const own = wordsOf(owner);
  if (isMadeOf(start, own)) return 'personal';
  const { score, sequence } = (await estimator()).check(start, [...own, 'usher']);
  return score >= leastScore ? undefined : reasonOf(sequence);
}

/** The address, its parts, and the names, in small letters; nothing as short as it is everywhere. */
function wordsOf({ email, name = '' }: PasswordOwner): string[] {
  const whole = [email, email.split('@')[0] ?? '', name];
  const parts = [email, name].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  return [
    ...new Set([...whole, ...parts].map((word) => word.normalize('NFKC').toLowerCase())),
  ].filter((word) => word.length >= 3);
}

/** Whether fewer than four characters are left without these words. */
function isMadeOf(password: string, words: readonly string[]): boolean {
  const longestFirst = words.toSorted((a, b) => b.length - a.length);
  const rest = longestFirst.reduce(
    (left, word) => left.replaceAll(word, ''),
    password.toLowerCase(),
  );
  return rest.length < password.length && Array.from(rest).length < 4;
}

/** The reason that explains the weakest part. */
function reasonOf(sequence: readonly Match[]): NewPasswordFault {
  if (sequence.some((match) => match['dictionaryName'] === 'userInputs')) return 'personal';
  if (sequence.some(({ pattern }) => pattern === 'dictionary')) return 'common';
  return sequence.some(({ pattern }) => pattern !== 'bruteforce') ? 'pattern' : 'guessable';
}

type Estimator = Awaited<ReturnType<typeof load>>;
let loaded: Promise<Estimator> | undefined;

function estimator(): Promise<Estimator> {
  loaded ??= load();
  return loaded;
}

async function load() {
  const [{ ZxcvbnFactory }, { adjacencyGraphs: graphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs });
}
