/**
 * What the form of a consent brings, read once into values.
 *
 *   action            allow, cancel, preview; look, all or none tick permissions; own <id> gives a
 *                     resource permissions of its own; anything else looks for resources
 *   scope             scopes that are ticked for all that is picked, one or more names
 *   pick              the printed id of a picked resource; any number of times
 *   gives:<id>        what the page offered there, see consent/choice.ts
 *   own:<id>          there are permissions for this resource alone
 *   scope:<id>        a scope that is ticked there alone
 *   production:<id>   production branches there are included
 *   kind:<id>         the kind that a branch was shown as, production or development
 *   shown             the printed id of a resource with something allowed that the page showed
 *   ends              for how long, one of consent/lifetime.ts; without, the end that there is stays
 *   search, within    the text to look for; a path to look in, which wins
 *   page              how many pages of what was found are passed over
 *
 * The request itself is never in the form.
 *
 * @module
 */

import type { Level } from '../../catalogue/scope-rule.ts';
import { type ScopeSet, scopeSet } from '../../catalogue/scope-set.ts';
import { isScopeName, type ScopeName } from '../../catalogue/scopes.ts';
import { type Choice, type ChosenResource, parseOffered } from '../../consent/choice.ts';
import { ConsentRefusedError } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import type { Search } from '../../consent/find-resources.ts';
import { type Lifetime, readLifetime } from '../../consent/lifetime.ts';
import { parseId } from '../../lib/ids.ts';
import type { ResourceKey } from '../../storage/consents/consent-entries.ts';

/**
 * Reads what is chosen.
 *
 * @throws {ConsentRefusedError} an id, a scope or an end is none at all, so no page of ours wrote it; or
 *   there are more picks than a consent has room for.
 */
export function readChoice(fields: URLSearchParams): Choice {
  if (new Set(fields.getAll('pick')).size > mostEntries) {
    throw new ConsentRefusedError('too_many_entries');
  }
  return readFirstPicks(fields);
}

/** As `readChoice`, but of too many picks it keeps the first. @returns undefined: no page of ours wrote it. */
export function readFittingChoice(fields: URLSearchParams): Choice | undefined {
  try {
    return readFirstPicks(fields);
  } catch (error) {
    if (!(error instanceof ConsentRefusedError)) throw error;
    return undefined;
  }
}

function readFirstPicks(fields: URLSearchParams): Choice {
  const values = valuesByName(fields);
  const picked = [...new Set(values.get('pick'))].slice(0, mostEntries);
  return {
    scopes: readScopes(values.get('scope') ?? []),
    picks: picked.map((id) => readPick(id, values)),
    shown: readKeys(values.get('shown') ?? []),
    lifetime: readEnd(values.get('ends')?.[0] ?? ''),
  };
}

/** @returns the resources that are picked, without what is chosen on them; what is no id is left out. */
export function readPickedKeys(fields: URLSearchParams): ResourceKey[] {
  const printed = new Set([...fields.getAll('pick'), ...fields.getAll('shown')]);
  return [...printed].flatMap((id) => parseKey(id) ?? []);
}

/** @returns the resource that is to have scopes of its own; undefined for another action. */
export function readOwn(fields: URLSearchParams): ResourceKey | undefined {
  const [action = '', id = ''] = (fields.get('action') ?? '').split(' ');
  return action === 'own' ? readKey(id) : undefined;
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
const mostPages = 1000;

/** Reads what is looked for. */
export function readSearch(fields: URLSearchParams): Search {
  const within = (fields.get('within') ?? '').trim();
  const text = within === '' ? (fields.get('search') ?? '').trim() : `${within}/`;
  const page = /^\d{1,4}$/.test(fields.get('page') ?? '') ? Number(fields.get('page')) : 0;
  return { text: text.slice(0, longestSearch), page: Math.min(page, mostPages) };
}

function readPick(id: string, values: Values): ChosenResource {
  const kind = values.get(`kind:${id}`)?.[0];
  const own = values.get(`scope:${id}`);
  return {
    ...readKey(id),
    own: own !== undefined || values.has(`own:${id}`) ? readScopes(own ?? []) : undefined,
    offered: parseOffered(values.get(`gives:${id}`)?.[0] ?? ''),
    seenProduction: kind === undefined ? undefined : kind === 'production',
    includesProduction: values.has(`production:${id}`),
  };
}

const levels: readonly Level[] = ['user', 'organization', 'database', 'branch'];

function readKeys(printed: readonly string[]): ResourceKey[] {
  return Array.from(new Set(printed), readKey);
}

function readKey(printed: string): ResourceKey {
  const key = parseKey(printed);
  if (key === undefined) throw new ConsentRefusedError('resource_unknown');
  return key;
}

function parseKey(printed: string): ResourceKey | undefined {
  for (const level of levels) {
    const id = parseId(level, printed);
    if (id !== undefined) return { level, id };
  }
  return undefined;
}

/** @returns undefined where the end that there is stays. */
function readEnd(text: string): Lifetime | undefined {
  const lifetime = readLifetime(text);
  if (lifetime === undefined && text !== '') throw new ConsentRefusedError('lifetime_unknown');
  return lifetime;
}

function readScopes(values: readonly string[]): ScopeSet {
  return scopeSet(values.flatMap((value) => value.split(' ')).map(readScope));
}

function readScope(name: string): ScopeName {
  if (!isScopeName(name)) throw new ConsentRefusedError('scope_not_asked');
  return name;
}
