/**
 * Requests whose body may come for as long as it takes, such as an import. Whoever allows it has
 * checked who sends it, and looks after the time itself.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';

const long = new WeakSet<IncomingMessage>();

/** From now on the body has no time limit of the server's. */
export function allowLongBody(request: IncomingMessage): void {
  long.add(request);
}

/** Whether somebody allowed it. */
export function isLongBody(request: IncomingMessage): boolean {
  return long.has(request);
}
