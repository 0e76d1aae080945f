/**
 * What can be done with a resource of the demo's platform: one action for each bare name of the
 * catalogue that acts on its kind, allowed by the scope of that name at any level.
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import { intersect, isEmpty, names, type ScopeSet, scopeSet } from '../catalogue/scope-set.ts';
import { type Scope, type ScopeName, scopes } from '../catalogue/scopes.ts';

/** Something that the platform can be asked to do. */
export interface Action {
  readonly name: string;
  readonly description: string;
  /** Any of these allows it. */
  readonly allowedBy: ScopeSet;
}

/** The actions on each kind, in catalogue order. */
export const actionsOn: Readonly<Record<ResourceKind, readonly Action[]>> = {
  user: actions('user'),
  organization: actions('organization'),
  database: actions('database'),
  branch: actions('branch'),
};

/** @returns the scopes that allow the action; none when it is forbidden. */
export function reasonsFor({ allowedBy }: Action, effective: ScopeSet): readonly ScopeName[] {
  return names(intersect(allowedBy, effective));
}

/** Whether a token with these effective scopes may do it. */
export function isAllowed({ allowedBy }: Action, effective: ScopeSet): boolean {
  return !isEmpty(intersect(allowedBy, effective));
}

function actions(kind: ResourceKind): Action[] {
  const acting = scopes.filter(({ actsOn }) => actsOn === kind);
  return Array.from(
    Map.groupBy(acting, ({ name }) => name),
    ([name, rows]) => ({
      name,
      description: descriptionOf(rows),
      allowedBy: scopeSet(rows.map(({ scope }) => scope)),
    }),
  );
}

/** The closest level says it best: "Write a database branch" rather than "Write branches". */
function descriptionOf(rows: readonly Scope[]): string {
  return rows.at(-1)?.description ?? '';
}
