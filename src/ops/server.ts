/**
 * The HTTP server: bounded times and sizes, and a stop that lets requests in flight finish.
 *
 * @module
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { closeWhenIdle, drain, drainable } from './drain.ts';

// Node's own limit of a whole request knows no exception, so it is `limitBody` that stands for it.
const limits = { headersTimeout: 10_000, requestTimeout: 0, keepAliveTimeout: 65_000 };
const bodyMilliseconds = 15_000;
const maxConnections = 4_000;
const stopMilliseconds = 10_000;

/**
 * Listens; resolves when connections are taken.
 *
 * @param isStream tells the requests whose body may come for as long as it takes; they look after
 *   themselves.
 */
export async function listen(
  handler: RequestListener,
  host: string,
  port: number,
  isStream: (request: IncomingMessage) => boolean = () => false,
): Promise<Server> {
  const server = createServer({ ...limits, maxHeaderSize: 16_384 }, (request, response) => {
    if (!isStream(request)) limitBody(request);
    leave(response);
    return handler(request, response);
  });
  const leave = drainable(server);
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/**
 * A body that comes too slowly ends its connection. Most bodies come along with their headers and
 * are there before the turn of the event loop ends, so they need no timer.
 */
function limitBody(request: IncomingMessage): void {
  if (!('content-length' in request.headers || 'transfer-encoding' in request.headers)) return;
  setImmediate(startTimer, request);
}

function startTimer(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, bodyMilliseconds);
  request.once('close', () => clearTimeout(timer));
}

/**
 * Drains for so long (see drain.ts), takes no new connection, lets requests in flight finish, and cuts
 * what is left after 10 s.
 */
export async function stopServer(server: Server, drainMilliseconds = 0): Promise<void> {
  await drain(server, drainMilliseconds);
  const cut = setTimeout(() => server.closeAllConnections(), stopMilliseconds);
  await closeWhenIdle(server);
  clearTimeout(cut);
}
