/**
 * Names of organizations and teams: any script, but nothing hidden and nothing that passes for
 * something else. They stand on consent pages and in mail.
 *
 * @module
 */

import { hasHiddenCharacters, usesOneWritingSystem } from '../clients/readable-text.ts';
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
  // What is far too long is not normalized: it is refused as it is.
  const stored = name.length > 4 * maxCharacters ? name : name.normalize('NFC').trim();
  const faults = [nameFault(stored), slugFault(kind, slug)].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw invalid(...faults);
  return { name: stored, slug };
}

/** @throws {RefusedError} `invalid`: not a slug, or a reserved one. */
export function checkSlug(kind: SlugKind, slug: string): void {
  const fault = slugFault(kind, slug);
  if (fault !== undefined) throw invalid(fault);
}

function nameFault(name: string): FieldFault | undefined {
  const message = whatIsWrong(name);
  return message === undefined ? undefined : { field: 'name', message };
}

function whatIsWrong(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  if (Array.from(name).length > maxCharacters)
    return `must have at most ${maxCharacters} characters`;
  if (hasHiddenCharacters(name)) return 'must not hold control, direction or invisible characters';
  if (!/[\p{L}\p{N}]/u.test(name)) return 'must hold a letter or a digit';
  if (/^\p{M}|\p{Mn}{5}/u.test(name)) return 'must not hold stacked or loose accents';
  if (!usesOneWritingSystem(name)) return 'must not mix the letters of several scripts';
  if (name.includes('://')) return 'must not hold an address';
  return undefined;
}
