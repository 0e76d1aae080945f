/**
 * What somebody had chosen on a consent page whose session ended before they sent it. It goes along with the
 * request, from one interaction to the next, until they have signed in again.
 *
 * @module
 */

/** Whose choice it is, and the fields of the form. */
export interface KeptChoice {
  /** UUID. */
  readonly accountId: string;
  /** As the form sent them (application/x-www-form-urlencoded). */
  readonly fields: string;
}

const name = 'usher_choice';

/** @returns the part of an interaction's result that holds the choice; nothing where there is none. */
export function withChoice(choice: KeptChoice | undefined): Readonly<Record<string, KeptChoice>> {
  return choice === undefined ? {} : { [name]: choice };
}

/** @returns the choice that came with the result of the interaction before. */
export function choiceIn(
  result: Readonly<Record<string, unknown>> | undefined,
): KeptChoice | undefined {
  const kept = result?.[name];
  return isChoice(kept) ? kept : undefined;
}

function isChoice(kept: unknown): kept is KeptChoice {
  if (typeof kept !== 'object' || kept === null) return false;
  const has = (field: string) => field in kept && typeof Reflect.get(kept, field) === 'string';
  return has('accountId') && has('fields');
}
