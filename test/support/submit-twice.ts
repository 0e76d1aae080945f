/** One form that one browser sends twice at the same moment, as a double click or two tabs do. */

import { authorize } from './authorize.ts';
import { demoApp, type Node } from './oauth.ts';
import { createUserAgent, type Fields, type Page, type UserAgent } from './user-agent.ts';

/** One press of a button: how the form is filled in, and the form's address. */
export interface Press {
  readonly change: (fields: Fields) => Fields;
  readonly action?: string;
  /** The node that answers; the page's own where it is left out. */
  readonly node?: Node;
}

/**
 * Sends the presses at the same moment.
 *
 * @returns where each came to, and the browser afterwards: it holds the cookies of the last answer,
 *   as a browser does that has given up the navigations before.
 */
export async function submitAtOnce(
  agent: UserAgent,
  page: Page,
  presses: readonly Press[],
): Promise<{ pages: Page[]; browser: UserAgent }> {
  const lanes = presses.map((press) => ({ ...press, agent: copyOf(agent, originOf(page)) }));
  const pages = await Promise.all(
    lanes.map((lane) => lane.agent.submit(pageAt(page, lane.node), lane.change, lane.action)),
  );
  return { pages, browser: lanes.at(-1)?.agent ?? agent };
}

/** A browser that holds what this one holds now. */
export function copyOf({ cookies }: UserAgent, origin: string): UserAgent {
  const copy = createUserAgent(origin);
  for (const [name, value] of cookies) copy.cookies.set(name, value);
  return copy;
}

/** Whether the browser's session gives a code without a page. */
export async function isSignedIn(node: Node, agent: UserAgent): Promise<boolean> {
  const { location } = await authorize(node, demoApp, { prompt: 'none' }, agent);
  return location?.searchParams.has('code') ?? false;
}

function originOf({ url }: Page): string {
  return new URL(url).origin;
}

function pageAt(page: Page, node: Node | undefined): Page {
  if (node === undefined) return page;
  const { pathname, search } = new URL(page.url);
  return { ...page, url: node.issuer + pathname + search };
}
