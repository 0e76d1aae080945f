/**
 * Two people change one thing at once. The second is shown what the first saved, and nothing of either is
 * lost: where only the first changed a field, it is taken over; where both did, the second decides again.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/** What one field of a form holds. */
export type Value = string | boolean | readonly string[];

/** A field that somebody else changed since the form was opened. */
export interface ChangedField<Field extends string = string> {
  readonly field: Field;
  /** What is saved now. */
  readonly now: Value;
  /** Whether the form holds it; else it holds what its sender typed. */
  readonly isTaken: boolean;
}

/** What a form shows next, and which fields somebody else changed. */
export interface Merged<Typed> {
  readonly typed: Typed;
  readonly changed: readonly ChangedField<keyof Typed & string>[];
}

/** @returns what a form was opened with, as it sent it along; undefined where it sent something else. */
export function readBase<Typed>(form: z.ZodType<Typed>, sent: string | null): Typed | undefined {
  try {
    return form.safeParse(JSON.parse(sent ?? '')).data;
  } catch {
    return undefined;
  }
}

/**
 * @param base what the form was opened with; undefined: unknown, and every difference is shown.
 * @param mine what it was sent with.
 * @param now what is saved.
 */
export function mergeTyped<Typed extends { readonly [Field in keyof Typed]: Value }>(
  base: Typed | undefined,
  mine: Typed,
  now: Typed,
): Merged<Typed> {
  const fields = Object.keys(now) as (keyof Typed & string)[];
  const changed = fields
    .filter((field) => !isDeepStrictEqual((base ?? mine)[field], now[field]))
    .map((field) => ({
      field,
      now: now[field],
      isTaken: [base?.[field], now[field]].some((one) => isDeepStrictEqual(mine[field], one)),
    }));
  const taken = changed.filter(({ isTaken }) => isTaken).map(({ field }) => [field, now[field]]);
  return { typed: { ...mine, ...Object.fromEntries(taken) }, changed };
}
