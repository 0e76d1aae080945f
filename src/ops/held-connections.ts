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
  const held = new Map<string, Set<Socket>>();
  const answers = new WeakMap<Socket, ServerResponse>();
  let total = 0;

  const isIdle = (socket: Socket) => {
    const answer = answers.get(socket);
    return answer === undefined || answer.writableFinished || answer.destroyed;
  };
  const leave = (holder: string, socket: Socket) => {
    const own = held.get(holder);
    if (own?.delete(socket) !== true) return;
    total--;
    if (own.size === 0) held.delete(holder);
  };
  const endOneOf = (holder: string): boolean => {
    for (const socket of held.get(holder) ?? []) {
      if (!isIdle(socket)) continue;
      leave(holder, socket);
      socket.destroy();
      return true;
    }
    return false;
  };
  const largestFirst = () =>
    [...held].sort(([, one], [, other]) => other.size - one.size).map(([holder]) => holder);

  const hasRoom = (holder: string): boolean => {
    const own = held.get(holder)?.size ?? 0;
    if (own >= limits.ofOneAddress && !endOneOf(holder)) return false;
    return total < limits.inAll || largestFirst().some(endOneOf);
  };

  return {
    take(socket) {
      const holder = networkOf(socket.remoteAddress ?? '');
      if (!hasRoom(holder)) {
        socket.destroy();
        return;
      }
      const own = held.get(holder) ?? new Set();
      held.set(holder, own.add(socket));
      total++;
      socket.once('close', () => leave(holder, socket));
    },
    answering: (socket, response) => answers.set(socket, response),
  };
}
