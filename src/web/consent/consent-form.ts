/**
 * What the consent form brings, read once into values.
 *
 *   action            allow, cancel or search
 *   pick              the printed id of a picked resource; any number of times
 *   scope:<id>        a scope that is ticked there; counts only if the resource is picked
 *   production:<id>  of an organization or a database: its production branches are included
 *   kind:<id>         the kind that a branch was shown as, production or development
 *   shown             the printed id of a resource with something standing that the page showed
 *   ends              for how long, one of consent/lifetime.ts; without, the end that there is stays
 *   search            the text to look for
 *
 * The request itself is never in the form.
 *
 * @module
 */

import type { Level } from '../../catalogue/scope-rule.ts';
import { type ScopeSet, scopeSet } from '../../catalogue/scope-set.ts';
import { isScopeName, type ScopeName } from '../../catalogue/scopes.ts';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import { readLifetime } from '../../consent/lifetime.ts';
import type { Selection } from '../../consent/offers.ts';
import type { PickedResource } from '../../consent/picked-resource.ts';
import { parseId } from '../../lib/ids.ts';
import type { ResourceKey } from '../../storage/consents/consent-entries.ts';

/**
 * Reads what is picked.
 *
 * @throws {ConsentRefusedError} an id or a scope is none at all, so no page of ours wrote it; or
 *   there are more picks than a consent has room for.
 */
export function readSelection(fields: URLSearchParams): Selection {
  const values = valuesByName(fields);
  const picked = new Set(values.get('pick'));
  if (picked.size > mostEntries) throw new ConsentRefusedError('too_many_entries');
  return {
    picks: Array.from(picked, (id) => readPick(id, values)),
    shown: Array.from(new Set(values.get('shown')), readKey),
    lifetime: readLifetime(fields.get('ends')),
  };
}

type Values = ReadonlyMap<string, readonly string[]>;

/** `getAll` goes through all fields each time, and there is a name for every pick. */
function valuesByName(fields: URLSearchParams): Values {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

/** Longer than any path of ours; what is longer finds nothing anyway. */
const longestSearch = 200;

/** Reads the text of the search. */
export function readSearch(fields: URLSearchParams): string {
  return (fields.get('search') ?? '').trim().slice(0, longestSearch);
}

function readPick(id: string, values: Values): PickedResource {
  const kind = values.get(`kind:${id}`)?.[0];
  return {
    ...readKey(id),
    scopes: readScopes(values.get(`scope:${id}`) ?? []),
    seenProduction: kind === undefined ? undefined : kind === 'production',
    includesProduction: values.has(`production:${id}`),
  };
}

const levels: readonly Level[] = ['user', 'organization', 'database', 'branch'];

function readKey(printed: string): ResourceKey {
  for (const level of levels) {
    const id = parseId(level, printed);
    if (id !== undefined) return { level, id };
  }
  throw new ConsentRefusedError('resource_unknown');
}

function readScopes(names: readonly string[]): ScopeSet {
  return scopeSet(names.map(readScope));
}

function readScope(name: string): ScopeName {
  if (!isScopeName(name)) throw new ConsentRefusedError('scope_not_asked');
  return name;
}
