/**
 * How a server leaves: first its load balancer learns of it, then nobody is let in, then it ends.
 *
 *   draining   every answer says `Connection: close`, so that a proxy opens its next connection
 *              elsewhere; new connections are still served, since a proxy may not know yet
 *   closed     no new connection; what is on its way here still arrives and is answered
 *   idle       connections on which nothing is asked are closed as soon as they are found
 *
 * @module
 */

import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate as afterPolling, setTimeout as sleep } from 'node:timers/promises';

const draining = new WeakMap<Server, { isDraining: boolean }>();

/** Called once for each server. @returns what each response has to be given to. */
export function drainable(server: Server): (response: ServerResponse) => void {
  const state = { isDraining: false };
  draining.set(server, state);
  return (response) => {
    if (state.isDraining) response.shouldKeepAlive = false;
  };
}

/** What is under way when the listening socket closes: a connection whose request has not come yet. */
const arrivalMilliseconds = 300;

/**
 * Serves on for a while, with `Connection: close` on each answer, then takes no new connection.
 *
 * Returns when the last connection could be closed any time: see `closeWhenIdle`.
 */
export async function drain(server: Server, milliseconds: number): Promise<void> {
  const state = draining.get(server);
  if (state !== undefined) state.isDraining = true;
  if (milliseconds === 0) return;
  await sleep(milliseconds);
  await afterPolling(); // all that the kernel has accepted was just taken out of its queue
  // Node's own would also close connections whose request is about to arrive.
  NetServer.prototype.close.call(server);
  await sleep(arrivalMilliseconds);
}

/** Takes no new connection, and closes each one as soon as nothing is asked on it. */
export async function closeWhenIdle(server: Server): Promise<void> {
  const closed = server.listening ? once(server, 'close') : emptied(server);
  if (server.listening) server.close();
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(idle);
}

/** The listening socket is closed already, perhaps with nothing left on the others. */
async function emptied(server: Server): Promise<void> {
  const count = () =>
    new Promise<number>((resolve) => server.getConnections((_error, found) => resolve(found)));
  while ((await count()) > 0) await sleep(20);
}
