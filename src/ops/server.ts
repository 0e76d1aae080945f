/**
 * The HTTP server: bounded times and sizes, and a stop that lets requests in flight finish.
 *
 * @module
 */

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

const limits = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 65_000 };
const maxConnections = 4_000;
const stopMilliseconds = 10_000;

/** Listens; resolves when connections are taken. */
export async function listen(
  handler: RequestListener,
  host: string,
  port: number,
): Promise<Server> {
  const server = createServer({ ...limits, maxHeaderSize: 16_384 }, handler);
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Takes no new connection, lets requests in flight finish, and cuts what is left after 10 s. */
export async function stopServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), stopMilliseconds);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
