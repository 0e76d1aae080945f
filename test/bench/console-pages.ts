/**
 * The pages of the console that the benchmark opens: all of the list from which the router is made, in the
 * large organization.
 *
 * @module
 */

import { type ConsolePage, consolePrefix } from '../../src/web/console/console-page.ts';
import { consolePages } from '../../src/web/console/console-pages.ts';

/** A page with its ids filled in. */
export interface BenchedPage {
  readonly page: ConsolePage;
  readonly name: string;
  readonly path: string;
}

/**
 * @param ids printed, by the names that they have in the paths.
 * @throws {RangeError} a path has a name that no id was given for.
 */
export function benchedPages(ids: Readonly<Record<string, string>>): BenchedPage[] {
  const idOf = (_all: string, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new RangeError(`no id for :${name}`);
    return id;
  };
  return consolePages.flatMap((page) => {
    if (page.method !== 'GET') return [];
    const path = (consolePrefix + page.path).replaceAll(/:(\w+)/g, idOf);
    return ['', ...(page.benched ?? [])].map((query) => {
      return { page, name: `console ${page.path}${query}`, path: path + query };
    });
  });
}
