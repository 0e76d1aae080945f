/**
 * Two people change one application at once. The second is shown what the first saved, and nothing of
 * either is lost: where only the first changed a field, it is taken over; where both did, the second
 * decides again.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TypedApplication } from '../../portal/typed-application.ts';

/** A field that somebody else changed since the form was opened. */
export interface ChangedField {
  readonly field: keyof TypedApplication;
  /** What is saved now. */
  readonly now: string | readonly string[];
  /** Whether the form holds it; else it holds what its sender typed. */
  readonly isTaken: boolean;
}

/** What a form shows next, and what it tells of. */
export interface Merged {
  readonly typed: TypedApplication;
  readonly changed: readonly ChangedField[];
}

const form = z.object({
  name: z.string(),
  description: z.string(),
  homePage: z.string(),
  kind: z.string(),
  redirectUris: z.array(z.string()),
  scopes: z.array(z.string()),
  required: z.array(z.string()),
  contact: z.string(),
  privacy: z.string(),
  terms: z.string(),
});
const fields = Object.keys(form.shape) as readonly (keyof TypedApplication)[];

/** @returns what a form was opened with, as it sent it along; undefined where it sent something else. */
export function readBase(sent: string | null): TypedApplication | undefined {
  try {
    return form.safeParse(JSON.parse(sent ?? '')).data;
  } catch {
    return undefined;
  }
}

/**
 * @param base what the form was opened with; undefined: unknown, and every difference is told.
 * @param mine what it was sent with.
 * @param now what is saved.
 */
export function mergeTyped(
  base: TypedApplication | undefined,
  mine: TypedApplication,
  now: TypedApplication,
): Merged {
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
