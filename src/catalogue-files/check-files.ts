/**
 * Whether the files of a catalogue agree with each other.
 *
 *     names are different -> what they name exists, at the right level -> every part has its role
 *
 * @module
 */

import { checkDemo } from './demo-file.ts';
import { type Fault, unknownName } from './faults.ts';
import { type Files, largest } from './files.ts';
import { levels } from './levels.ts';
import { lackingForms } from './platform-words.ts';
import type { ReadFiles } from './read-files.ts';
import { acts as knownActs, laterActs } from './rule-names.ts';

type ScopeRow = Files['scopes.json']['scopes'][number];
type Say = (path: string, message: string) => void;
type On = 'organization' | 'database';

/** The language that says everything. */
const firstLanguage = 'en';

type Read = Pick<ReadFiles, 'files' | 'words' | 'faultyNames'>;

/**
 * @param read where `faultyNames` are scopes and permissions that are named in a file, though their rows have faults.
 * @returns every contradiction; empty when the catalogue can be used.
 */
export function checkFiles({ files, words, faultyNames }: Read): Fault[] {
  const faults: Fault[] = [];
  const sayIn =
    (file: string): Say =>
    (path, message) =>
      faults.push({ file, path, message });
  const permissions = files['permissions.json']?.permissions;
  const scopes = files['scopes.json']?.scopes;
  const needIn = (file: string): Need => needing(permissions, faultyNames, sayIn(file));

  if (permissions)
    checkTwice(permissions, 'permissions', ({ id }) => id, sayIn('permissions.json'));
  if (scopes) checkScopes(scopes, needIn('scopes.json'), sayIn('scopes.json'));
  const { 'roles.json': roles, 'rules.json': rules } = files;
  if (roles) checkRoles(roles, needIn('roles.json'), sayIn('roles.json'));
  if (rules) checkRules(rules, needIn('rules.json'), sayIn('rules.json'));
  const known = scopes && { names: scopes.map(({ scope }) => scope), faultyNames };
  if (rules && known) checkRoutes(rules.routes, known, sayIn('rules.json'));
  for (const [language, said] of words) {
    // What another language does not say about a scope is said in the first one's words.
    if (known && language === firstLanguage)
      checkWords(said.scopes, known, sayIn(`words.${language}.json`));
    if (roles && language === firstLanguage)
      checkRoleWords(said.roles ?? {}, roles, sayIn(`words.${language}.json`));
    if (permissions && language === firstLanguage)
      checkPermissionWords(said.permissions ?? {}, permissions, sayIn(`words.${language}.json`));
    faults.push(...lackingForms(said, language));
  }
  const demo = files['demo.json'];
  return demo ? [...faults, ...checkDemo(demo, files, faultyNames)] : faults;
}

/** Says where a permission is not there, or is about something else. */
type Need = (path: string, id: string, on: On) => void;

function needing(
  rows: Files['permissions.json']['permissions'] | undefined,
  faultyNames: ReadonlySet<string>,
  say: Say,
): Need {
  const permissions = new Map(rows?.map(({ id, on }) => [id, on]));
  return (path, id, on) => {
    const found = permissions.get(id);
    if (rows === undefined || faultyNames.has(id)) return;
    if (found === undefined) say(path, unknownName('permission', id, [...permissions.keys()]));
    else if (found !== on) say(path, `"${id}" is a permission on a ${found}, not on a ${on}`);
  };
}

function needEach(need: Need, path: string, ids: readonly string[], on: On) {
  for (const [at, id] of ids.entries()) need(`${path}[${at}]`, id, on);
}

function checkTwice<Row>(
  rows: readonly Row[],
  list: string,
  nameOf: (row: Row) => string,
  say: Say,
) {
  const first = new Map<string, number>();
  rows.forEach((row, at) => {
    const name = nameOf(row);
    const before = first.get(name);
    if (before === undefined) first.set(name, at);
    else say(`${list}[${at}]`, `"${name}" is there already, as ${list}[${before}]`);
  });
}

/** A former name belongs to one row, and to none that is there now. */
function checkFormerly(
  rows: readonly { readonly formerly?: readonly string[] | undefined }[],
  list: string,
  nameOf: (at: number) => string,
  say: Say,
) {
  const now = new Map(rows.map((_row, at) => [nameOf(at), at]));
  const owners = new Map<string, number>();
  rows.forEach(({ formerly = [] }, at) => {
    for (const old of formerly) {
      const path = `${list}[${at}].formerly`;
      const isRing = now.has(old);
      if (isRing) say(path, `"${old}" is a name of today, so it cannot be a former one (a circle)`);
      else if (owners.has(old)) say(path, `"${old}" is a former name of two rows`);
      owners.set(old, at);
    }
  });
}

function checkScopes(scopes: readonly ScopeRow[], need: Need, say: Say) {
  checkTwice(scopes, 'scopes', ({ scope }) => scope, say);
  checkFormerly(scopes, 'scopes', (at) => scopes[at]?.scope ?? '', say);
  scopes.forEach((row, at) => {
    const level = row.scope.split(':')[0] as (typeof levels)[number];
    if (row.formerly?.some((old) => !old.startsWith(`${level}:`))) {
      say(
        `scopes[${at}].formerly`,
        `a former name has the level ${level}, too: the level is how far people let it reach`,
      );
    }
    const isAbove = levels.indexOf(row.actsOn) < levels.indexOf(level);
    const isApart = (level === 'user') !== (row.actsOn === 'user');
    if (isAbove || isApart) {
      say(`scopes[${at}].actsOn`, `a scope of the level ${level} cannot act on a ${row.actsOn}`);
    }
    checkRequires(row, `scopes[${at}].requires`, need, say);
  });
}

function checkRequires({ actsOn, requires }: ScopeRow, path: string, need: Need, say: Say) {
  if (Array.isArray(requires) === (actsOn === 'branch')) {
    const wanted = actsOn === 'branch' ? 'one list for each kind of branch' : 'one list';
    return say(path, `what acts on a ${actsOn} requires ${wanted}`);
  }
  if (Array.isArray(requires)) {
    if (actsOn === 'user' && requires.length > 0)
      say(path, 'the own account requires no permission');
    else needEach(need, path, requires, actsOn as On);
    return;
  }
  if (requires.development === null && requires.production === null) {
    say(path, 'reaches no branch at all');
  }
  for (const kind of ['development', 'production'] as const) {
    needEach(need, `${path}.${kind}`, requires[kind] ?? [], 'database');
  }
}

type RoleRow = { readonly id: string; readonly formerly?: readonly string[] | undefined };

function checkRoles(roles: Files['roles.json'], need: Need, say: Say) {
  const { organization, database, base } = roles;
  if (organization.length + database.length + base.length > largest.roles) {
    say('', `there are more than ${largest.roles} roles`);
  }
  const lists: Record<string, readonly RoleRow[]> = { organization, database, base };
  for (const [list, rows] of Object.entries(lists)) {
    checkTwice(rows, list, ({ id }) => id, say);
    checkFormerly(rows, list, (at) => rows[at]?.id ?? '', say);
  }
  checkTwice([...organization, ...database], 'organization and database', ({ id }) => id, say);
  onePart(organization, 'organization', 'administrator', say);
  onePart(organization, 'organization', 'member', say);
  onePart(database, 'database', 'administrator', say);
  onePart(base, 'base', 'default', say);
  const holding = { organization: 'organization', database: 'database', base: 'database' } as const;
  for (const [list, on] of Object.entries(holding) as [keyof typeof holding, On][]) {
    roles[list].forEach((row, at) => {
      needEach(need, `${list}[${at}].permissions`, row.permissions ?? [], on);
      if ('onDatabases' in row) {
        needEach(need, `${list}[${at}].onDatabases`, row.onDatabases ?? [], 'database');
      }
      if (row.part === 'administrator' && (row.permissions || 'onDatabases' in row)) {
        say(`${list}[${at}]`, 'an administrator holds everything; list no permissions');
      }
    });
  }
}

function onePart(
  rows: readonly { readonly part?: string | undefined }[],
  list: string,
  part: string,
  say: Say,
) {
  const count = rows.filter((row) => row.part === part).length;
  if (count !== 1) say(list, `exactly one role must have the part "${part}"; ${count} have it`);
}

function checkRules({ view, acts }: Files['rules.json'], need: Need, say: Say) {
  need('view.organization', view.organization, 'organization');
  need('view.database', view.database, 'database');
  need('view.branch', view.branch, 'database');
  for (const on of ['organization', 'database'] as const) {
    for (const [act, id] of Object.entries(acts[on])) {
      if (id !== undefined) need(`acts.${on}.${act}`, id, on);
    }
  }
  for (const [act, ids] of Object.entries(acts.branch)) {
    if (ids === undefined) continue;
    need(`acts.branch.${act}.development`, ids.development, 'database');
    need(`acts.branch.${act}.production`, ids.production, 'database');
  }
  for (const on of ['organization', 'database', 'branch'] as const) {
    const unsaid = knownActs[on].filter((name) => !Object.hasOwn(acts[on], name));
    for (const act of unsaid.filter((name) => !laterActs.has(name))) {
      say(`acts.${on}`, `nothing is said about "${act}"`);
    }
  }
}

/** The scopes there are, and those that would be if their rows had no fault. */
interface KnownScopes {
  readonly names: readonly string[];
  readonly faultyNames: ReadonlySet<string>;
}

function checkRoutes(
  routes: Files['rules.json']['routes'],
  { names, faultyNames }: KnownScopes,
  say: Say,
) {
  const known = new Set([...names, ...faultyNames]);
  for (const [route, needed = []] of Object.entries(routes)) {
    needed.forEach((scope, at) => {
      if (!known.has(scope)) say(`routes.${route}[${at}]`, unknownName('scope', scope, names));
    });
  }
}

function checkRoleWords(
  words: Readonly<Record<string, string>>,
  { organization, database, base }: Files['roles.json'],
  say: Say,
) {
  const known = [...organization, ...database, ...base].map(({ id }) => id);
  for (const key of Object.keys(words)) {
    if (!known.includes(key)) say(`roles.${key}`, unknownName('role', key, known));
  }
}

function checkPermissionWords(
  words: Readonly<Record<string, string>>,
  permissions: Files['permissions.json']['permissions'],
  say: Say,
) {
  const known = permissions.map(({ id }) => id);
  for (const key of Object.keys(words)) {
    if (!known.includes(key)) say(`permissions.${key}`, unknownName('permission', key, known));
  }
}

function checkWords(
  words: Readonly<Record<string, string>>,
  { names, faultyNames }: KnownScopes,
  say: Say,
) {
  const bare = (scope: string) => scope.split(':')[1] ?? '';
  const both = (scope: string) => [scope, bare(scope)];
  const known = new Set([...names, ...faultyNames].flatMap(both));
  for (const key of Object.keys(words)) {
    if (!known.has(key)) say(`scopes.${key}`, unknownName('scope', key, names.flatMap(both)));
  }
  for (const scope of names) {
    if (both(scope).some((key) => Object.hasOwn(words, key) || faultyNames.has(key))) continue;
    say('scopes', `nothing is said about "${scope}"`);
  }
}
