/**
 * What a route requires of the sign-in behind a token: that it is not too old, or of a certain class.
 *
 * It is asked last: who may not do this at all is not sent to sign in again for nothing.
 *
 * Source: RFC 9470 sections 3 and 4.
 *
 * @module
 */

import type { LiveToken } from './token-answer.ts';

/** What is wanted; nothing where both are undefined. */
export interface WantedSignIn {
  readonly maxAgeSeconds: number | undefined;
  readonly classes: readonly string[] | undefined;
}

/** @throws {TypeError} the age is no whole number from 1 on, or a class cannot be written in a challenge. */
export function toSignIn(options: {
  readonly maxAge?: number;
  readonly acr?: string | readonly string[];
}): WantedSignIn {
  const { maxAge, acr } = options;
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge > 0)) {
    throw new TypeError('"maxAge" is a whole number of seconds, at least 1');
  }
  const classes = typeof acr === 'string' ? [acr] : acr;
  const isList = classes === undefined || (Array.isArray(classes) && classes.length > 0);
  if (!isList || classes?.some((one) => !isClass(one))) {
    throw new TypeError('"acr" is one class or a list of them, without spaces and quotes');
  }
  return { maxAgeSeconds: maxAge, classes: classes && [...classes] };
}

/**
 * Whether the sign-in is good enough. One that nothing is known about never is.
 *
 * @param now seconds since 1970.
 */
export function isSignInEnough(
  { maxAgeSeconds, classes }: WantedSignIn,
  { auth_time: at, acr }: LiveToken,
  now: number,
): boolean {
  if (maxAgeSeconds !== undefined && (at === undefined || now - at > maxAgeSeconds)) return false;
  return classes === undefined || (acr !== undefined && classes.includes(acr));
}

/** @returns what the client has to ask for, as the challenge says it. */
export function challengeOf({ maxAgeSeconds, classes }: WantedSignIn) {
  return { maxAge: maxAgeSeconds, acrValues: classes?.join(' ') };
}

/** RFC 6749 appendix A.4: the characters that a value in a list may have. */
function isClass(text: unknown): boolean {
  return typeof text === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}
