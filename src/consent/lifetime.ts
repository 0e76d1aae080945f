/**
 * For how long a consent is given.
 *
 * @module
 */

const hour = 3_600;
const day = 24 * hour;

/** Seconds by the value that a form sends; null has no end but being removed. */
const secondsOf = {
  until_removed: null,
  '1_hour': hour,
  '1_day': day,
  '7_days': 7 * day,
  '30_days': 30 * day,
  '90_days': 90 * day,
} as const;

/** A lifetime that can be chosen, by the value that a form sends. */
export type Lifetime = keyof typeof secondsOf;

/** The lifetimes that can be chosen, in the order in which they are offered. */
export const lifetimes: readonly Lifetime[] = Object.keys(secondsOf).filter(isLifetime);

/** @returns whole seconds; null has no end but being removed. */
export function lifetimeSeconds(lifetime: Lifetime): number | null {
  return secondsOf[lifetime];
}

/** @returns the lifetime; undefined where the form sends none, which keeps the end that there is. */
export function readLifetime(text: string | null): Lifetime | undefined {
  return text !== null && isLifetime(text) ? text : undefined;
}

function isLifetime(text: string): text is Lifetime {
  return Object.hasOwn(secondsOf, text);
}
