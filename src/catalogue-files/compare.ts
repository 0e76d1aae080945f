/**
 * What becomes different when one catalogue replaces another, in sentences: what each scope
 * reaches, and what each role gives.
 *
 * @module
 */

import type { Files } from './files.ts';

type ScopeRow = Files['scopes.json']['scopes'][number];
type Roles = Files['roles.json'];
type List = keyof Omit<Roles, '$schema'>;
type RoleRow = Roles[List][number];

/** One sentence about one name. */
export interface Difference {
  /** What it is about, such as `scope database:read_branches`. */
  readonly about: string;
  readonly sentence: string;
}

/** @returns every difference, scopes first; none when the two mean the same. */
export function compareCatalogues(before: Files, after: Files): Difference[] {
  return [
    ...pairs(
      before['scopes.json'].scopes,
      after['scopes.json'].scopes,
      ({ scope }) => scope,
    ).flatMap(([name, was, is]) => about(`scope ${name}`, compareScope(was, is))),
    ...(['organization', 'database', 'base'] as const).flatMap((list) =>
      pairs<RoleRow>(before['roles.json'][list], after['roles.json'][list], ({ id }) => id).flatMap(
        ([name, was, is]) => about(`${list} role ${name}`, compareRole(was, is)),
      ),
    ),
    ...compareRules(before['rules.json'], after['rules.json']),
  ];
}

const about = (name: string, sentences: readonly string[]): Difference[] =>
  sentences.map((sentence) => ({ about: name, sentence }));

/** The rows of two lists by their names of today; a former name is the same row. */
function pairs<Row extends { readonly formerly?: readonly string[] | undefined }>(
  before: readonly Row[],
  after: readonly Row[],
  nameOf: (row: Row) => string,
): [name: string, was: Row | undefined, is: Row | undefined][] {
  const old = new Map(before.map((row) => [nameOf(row), row]));
  const kept = new Set<string>();
  const paired = after.map((is): [string, Row | undefined, Row | undefined] => {
    const found = [nameOf(is), ...(is.formerly ?? [])].find((name) => old.has(name));
    if (found !== undefined) kept.add(found);
    const was = found === undefined ? undefined : old.get(found);
    return [nameOf(is), was, is];
  });
  const gone = before.filter((row) => !kept.has(nameOf(row)));
  return [
    ...paired,
    ...gone.map((was) => [nameOf(was), was, undefined] as [string, Row, undefined]),
  ];
}

function compareScope(was: ScopeRow | undefined, is: ScopeRow | undefined): string[] {
  if (is === undefined) return ['is gone; what was consented to under this name has no effect'];
  if (was === undefined) return [`is new: acts on a ${is.actsOn}, requires ${requirement(is)}`];
  return [
    ...(was.scope === is.scope ? [] : [`was called ${was.scope}`]),
    ...changed('acts on a', was.actsOn, is.actsOn),
    ...changed('requires', requirement(was), requirement(is)),
    ...changed('has the effect', was.effect, is.effect),
  ];
}

function requirement({ requires }: ScopeRow): string {
  const words = (list: readonly string[] | null) =>
    list === null ? 'never' : list.length === 0 ? 'nothing' : list.join(' and ');
  if (Array.isArray(requires)) return words(requires);
  const { development, production } = requires as Exclude<typeof requires, string[]>;
  return `${words(development)} (development) or ${words(production)} (production)`;
}

function changed(what: string, was: string, is: string): string[] {
  return was === is ? [] : [`${what} ${is}, before: ${was}`];
}

function compareRole(was: RoleRow | undefined, is: RoleRow | undefined): string[] {
  if (is === undefined) return ['is gone; whoever holds it must be moved to another role first'];
  if (was === undefined) return [`is new: gives ${list(holdings(is))}`];
  const [old, now] = [holdings(was), holdings(is)];
  const gained = now.filter((id) => !old.includes(id));
  const lost = old.filter((id) => !now.includes(id));
  return [
    ...(was.id === is.id ? [] : [`was called ${was.id}`]),
    ...changed('has the part', was.part ?? 'none', is.part ?? 'none'),
    ...(gained.length > 0 ? [`gives also ${list(gained)}`] : []),
    ...(lost.length > 0 ? [`no longer gives ${list(lost)}`] : []),
  ];
}

function holdings(row: RoleRow): string[] {
  if (row.part === 'administrator') return ['everything'];
  const onDatabases = 'onDatabases' in row ? (row.onDatabases ?? []) : [];
  return [...(row.permissions ?? []), ...onDatabases.map((id) => `${id} on every database`)];
}

const list = (ids: readonly string[]) => (ids.length === 0 ? 'nothing' : ids.join(', '));

function compareRules(was: Files['rules.json'], is: Files['rules.json']): Difference[] {
  const flat = (rules: Files['rules.json']): Map<string, string> =>
    new Map([
      ...Object.entries(rules.view).map(([kind, id]) => [`seeing a ${kind}`, id] as const),
      ...Object.values(rules.acts).flatMap((acts) => Object.entries(acts).map(toNeed)),
      ...Object.entries(rules.routes).map(
        ([route, scopes]) => [`the operation ${route}`, list(scopes ?? [])] as const,
      ),
    ]);
  const [old, now] = [flat(was), flat(is)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    about(key, changed('takes', old.get(key) ?? 'nothing', now.get(key) ?? 'nothing')),
  );
}

function toNeed([act, need]: [string, unknown]): [string, string] {
  if (typeof need === 'string') return [`the act ${act}`, need];
  const { development = '', production = '' } = (need ?? {}) as Record<string, string>;
  return [`the act ${act}`, `${development} (development) or ${production} (production)`];
}
