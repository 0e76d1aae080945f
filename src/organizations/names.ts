/**
 * Names of organizations, teams and their members, by the rule for all names (clients/name-rule.ts), and
 * slugs.
 *
 * @module
 */

import { groupNameFault, personNameFault, storedName } from '../clients/name-rule.ts';
import { type FieldFault, invalid } from './refusals.ts';
import { type SlugKind, slugFault } from './slugs.ts';

const maxCharacters = 100;

/** A name to read and a slug to address. */
export interface NameAndSlug {
  readonly name: string;
  readonly slug: string;
}

/**
 * @returns name and slug as they are to be stored: the name in its normal form (NFC), trimmed.
 * @throws {RefusedError} `invalid`, with every field that cannot be taken.
 */
export function checkNameAndSlug(kind: SlugKind, { name, slug }: NameAndSlug): NameAndSlug {
  const stored = storedName(name, maxCharacters);
  const faults = [nameFault(stored), slugFault(kind, slug)].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw invalid(...faults);
  return { name: stored, slug };
}

/**
 * @returns the name of a person as it is to be stored.
 * @throws {RefusedError} `invalid`.
 */
export function checkPersonName(name: string): string {
  const stored = storedName(name, maxCharacters);
  const message = personNameFault(stored, maxCharacters);
  if (message !== undefined) throw invalid({ field: 'name', message });
  return stored;
}

/** @throws {RefusedError} `invalid`: not a slug, or a reserved one. */
export function checkSlug(kind: SlugKind, slug: string): void {
  const fault = slugFault(kind, slug);
  if (fault !== undefined) throw invalid(fault);
}

function nameFault(name: string): FieldFault | undefined {
  const message = groupNameFault(name, maxCharacters);
  return message === undefined ? undefined : { field: 'name', message };
}
