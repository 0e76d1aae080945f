/**
 * How much of a large tree one consent page shows. A page is a form, and every box of it may come
 * back: with three scopes asked there is room for 50 databases of an organization, with the whole
 * catalogue for fewer. A search finds the others.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import { intersect, names, type ScopeSet, scopesAtLevel } from '../catalogue/scope-set.ts';

/** At most so many organizations stand on one page, beside those with something picked. */
export const organizationsOnPage = 20;

/** At most so many branches of one database. */
export const branchesOnPage = 10;

const mostDatabases = 50;
const leastDatabases = 2;
const boxesOnPage = 2000;

/** @returns how many databases of each organization the page shows. */
export function databasesOnPage(asked: ScopeSet, organizations: number): number {
  const at = (level: Level) => names(intersect(asked, scopesAtLevel[level])).length;
  const branches = at('branch') === 0 ? 0 : branchesOnPage;
  const boxes = 1 + at('database') + branches * (1 + at('branch'));
  const shared = Math.floor(boxesOnPage / Math.max(1, organizations) / boxes);
  return Math.min(mostDatabases, Math.max(leastDatabases, shared));
}
