/**
 * The HTTP server: bounded times, sizes and numbers, and a stop that lets requests in flight finish.
 *
 * @module
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { networkOf } from '../lib/network.ts';
import { closeWhenIdle, drain, drainable } from './drain.ts';
import { type BodyLimits, createHeldBodies } from './held-bodies.ts';
import { type ConnectionLimits, createHeldConnections } from './held-connections.ts';

// Node's own limit of a whole request knows no exception, so it is held-bodies.ts that has it.
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000, // otherwise slow headers have 30 s more
  maxHeaderSize: 16_384,
};
const stopMilliseconds = 10_000;

/** Where requests come from, and how many there may be. */
export interface Clients {
  /** The address of the client; behind a proxy the one that the proxy names. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly connections: ConnectionLimits;
  readonly bodies: BodyLimits;
}

/** Clients that come by themselves. */
export const directClients: Clients = {
  addressOf: (request) => request.socket.remoteAddress ?? '',
  connections: { ofOneAddress: 1_000, inAll: 4_000 },
  bodies: { ofOneAddress: 100, inAll: 1_000, milliseconds: 15_000 },
};

/** Clients that come through a proxy of ours, whose one address has all connections. */
export function proxiedClients(addressOf: Clients['addressOf']): Clients {
  const { bodies, connections } = directClients;
  const ofOneAddress = Number.POSITIVE_INFINITY;
  return { addressOf, bodies, connections: { ...connections, ofOneAddress } };
}

/** Listens; resolves when connections are taken. */
export async function listen(
  handler: RequestListener,
  host: string,
  port: number,
  { addressOf, bodies, connections }: Clients = directClients,
): Promise<Server> {
  const held = createHeldConnections(connections, networkOf);
  const holderOf = (request: IncomingMessage) => networkOf(addressOf(request));
  const limitBody = createHeldBodies(bodies, holderOf);
  const server = createServer(limits, (request, response) => {
    held.answering(request.socket, response);
    limitBody(request);
    leave(response);
    return handler(request, response);
  });
  const leave = drainable(server);
  server.on('connection', held.take);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
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
