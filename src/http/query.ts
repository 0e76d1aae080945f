/**
 * The query of a request, as Koa gives it, in a time that grows with its length alone: Koa's own goes
 * through all parameters once for each, so 14 KB of them hold everyone up for tens of milliseconds.
 *
 * Source: URL Standard section 5 (urlencoded).
 *
 * @module
 */

import type Koa from 'koa';

type Query = Koa.Request['query'];

/** Has an application read its queries this way. */
export function readQueriesOnce(app: Pick<Koa, 'request'>): void {
  const read = new WeakMap<object, { readonly text: string; readonly query: Query }>();
  const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(app.request), 'query');
  Object.defineProperty(app.request, 'query', {
    ...own,
    get(this: Koa.Request): Query {
      const text = this.querystring;
      const known = read.get(this);
      if (known?.text === text) return known.query;
      const query = parseQuery(text);
      read.set(this, { text, query });
      return query;
    },
  });
}

/** @returns each parameter by its name; one that is there several times has a list. */
export function parseQuery(text: string): Query {
  const values = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = values.get(name);
    if (before === undefined) values.set(name, value);
    else if (typeof before === 'string') values.set(name, [before, value]);
    else before.push(value);
  }
  return Object.fromEntries(values);
}
