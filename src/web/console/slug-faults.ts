/**
 * What is said beside a field where a name cannot be taken.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import { RefusedError } from '../../organizations/refusals.ts';

/** The faults of a form with a name and a slug, or with a slug alone. */
export type NameFaults = Partial<Record<'name' | 'slug', string>>;

/** @returns undefined: it was refused for something else, which the caller throws on. */
export function nameFaultsOf(t: Messages, error: unknown): NameFaults | undefined {
  if (!(error instanceof RefusedError)) return undefined;
  const { refusal } = error;
  if (refusal.code === 'conflict' && refusal.reason === 'slug_taken') {
    return { slug: t.text('console.slug-taken') };
  }
  if (refusal.code !== 'invalid') return undefined;
  const wrong = new Set(refusal.fields.map(({ field }) => field));
  return {
    ...(wrong.has('name') && { name: t.text('first-steps.organization-name-fault') }),
    ...(wrong.has('slug') && { slug: t.text('first-steps.slug-fault') }),
  };
}
