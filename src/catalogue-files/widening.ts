/**
 * Whether a scope reaches further than it did under a catalogue that served before. People consented to
 * what it reached then, so a wider one needs a new name.
 *
 * @module
 */

import type { Files } from './files.ts';

type ScopeRow = Files['scopes.json']['scopes'][number];

/** What of a catalogue decides how far scopes reach. */
export interface Reach {
  readonly scopes: readonly ScopeRow[];
  readonly routes: Files['rules.json']['routes'];
}

/** @returns what of a catalogue decides how far its scopes reach. */
export function reachOf(files: Files): Reach {
  return { scopes: files['scopes.json'].scopes, routes: files['rules.json'].routes };
}

/** @returns a sentence for each way in which a scope reaches further now; none when none does. */
export function findWidening(before: Reach, now: Reach): string[] {
  const served = byEveryName(before.scopes);
  const scopes = now.scopes.flatMap((is) => {
    const olds = new Set(namesOf(is).flatMap((name) => served.get(name) ?? []));
    return [...olds].flatMap((was) => widerThan(was, is).map((how) => `${is.scope} ${how}`));
  });
  return [...new Set([...scopes, ...widerRoutes(before, now)])];
}

const namesOf = ({ scope, formerly = [] }: ScopeRow) => [scope, ...formerly];

function byEveryName(rows: readonly ScopeRow[]): Map<string, ScopeRow> {
  return new Map(rows.flatMap((row) => namesOf(row).map((name) => [name, row] as const)));
}

function widerThan(was: ScopeRow, is: ScopeRow): string[] {
  if (was.actsOn !== is.actsOn) return [`acts on a ${is.actsOn}; it acted on a ${was.actsOn}`];
  const [old, now] = [byKind(was), byKind(is)];
  const wider = Object.keys(old).flatMap((kind) => {
    const where = kind === '' ? '' : ` on ${kind} branches`;
    const [from, to] = [old[kind] ?? null, now[kind] ?? null];
    if (to === null) return [];
    if (from === null) return [`reaches ${kind} branches; it did not`];
    const missing = from.filter((id) => !to.includes(id));
    return missing.length === 0 ? [] : [`no longer requires ${missing.join(', ')}${where}`];
  });
  return wider;
}

function byKind({ requires }: ScopeRow): Record<string, readonly string[] | null> {
  return Array.isArray(requires) ? { '': requires } : { ...requires };
}

/** An operation that tokens could do already takes no scope that people consented to for less. */
function widerRoutes(before: Reach, now: Reach): string[] {
  const served = byEveryName(before.scopes);
  const current = byEveryName(now.scopes);
  return Object.entries(now.routes).flatMap(([route, scopes = []]) => {
    const old = before.routes[route as keyof typeof before.routes];
    if (old === undefined) return [];
    const known = new Set(
      old.flatMap((name) => namesOf(served.get(name) ?? ({ scope: name } as ScopeRow))),
    );
    return scopes
      .filter((name) => {
        const names = current.has(name) ? namesOf(current.get(name) as ScopeRow) : [name];
        const isServed = names.some((one) => served.has(one));
        return isServed && !names.some((one) => known.has(one));
      })
      .map((name) => `${name} allows the operation ${route}; it did not`);
  });
}
