/**
 * How many connections are held open: by one address, and in all. Who comes anew gets in, and an
 * idle connection ends for it: the oldest of the same address, or of the address that has most.
 *
 * A connection is idle until its first request is read, and again once its last answer is sent. So
 * slow headers and sockets that say nothing are the first to go, and a request at work never does.
 *
 * @module
 */

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createHoldings } from './holdings.ts';

/** At most so many connections. */
export interface ConnectionLimits {
  /** Infinity where all come from one proxy. */
  readonly ofOneAddress: number;
  readonly inAll: number;
}

/** The connections that a server holds. */
export interface HeldConnections {
  /** Takes a connection, or ends it where every other one is at work. */
  take(socket: Socket): void;
  /** Says whose answer the connection waits for. */
  answering(socket: Socket, response: ServerResponse): void;
}

/** @param networkOf what counts as one address. */
export function createHeldConnections(
  limits: ConnectionLimits,
  networkOf: (address: string) => string,
): HeldConnections {
  const held = createHoldings<Socket>();
  const answers = new WeakMap<Socket, ServerResponse>();

  const isIdle = (socket: Socket) => {
    const answer = answers.get(socket);
    return answer === undefined || answer.writableFinished || answer.destroyed;
  };
  const endOneOf = (holder: string): boolean => {
    const idle = Iterator.from(held.of(holder)).find(isIdle);
    if (idle === undefined) return false;
    held.remove(holder, idle);
    idle.destroy();
    return true;
  };
  const hasRoom = (holder: string): boolean => {
    if (held.countOf(holder) >= limits.ofOneAddress && !endOneOf(holder)) return false;
    return held.total() < limits.inAll || held.largestFirst().some(endOneOf);
  };

  return {
    take(socket) {
      const holder = networkOf(socket.remoteAddress ?? '');
      if (!hasRoom(holder)) {
        socket.destroy();
        return;
      }
      held.add(holder, socket);
      socket.once('close', () => held.remove(holder, socket));
    },
    answering: (socket, response) => answers.set(socket, response),
  };
}
