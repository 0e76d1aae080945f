/**
 * Bodies that are waited for: each has its time, and one address, and all together, may have so many at
 * once. Where there are more the oldest ends, of the same address or of the one that has most, so
 * that held forms take neither memory nor the turn of somebody new.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { isLongBody } from '../lib/long-bodies.ts';
import { createHoldings } from './holdings.ts';

/** At most so many bodies that are not there yet. */
export interface BodyLimits {
  readonly ofOneAddress: number;
  readonly inAll: number;
  /** How long each has to come. */
  readonly milliseconds: number;
}

/** @returns a function that has a request's body waited for. */
export function createHeldBodies(
  limits: BodyLimits,
  holderOf: (request: IncomingMessage) => string,
): (request: IncomingMessage) => void {
  const held = createHoldings<IncomingMessage>();

  const endOldestOf = (holder: string) => {
    for (const request of held.of(holder)) {
      held.remove(holder, request);
      if (isLongBody(request)) continue;
      request.destroy();
      return;
    }
  };
  const wait = (request: IncomingMessage) => {
    if (request.complete || request.destroyed) return;
    const holder = holderOf(request);
    if (held.countOf(holder) >= limits.ofOneAddress) endOldestOf(holder);
    if (held.total() >= limits.inAll) endOldestOf(held.largest() ?? holder);
    held.add(holder, request);
    const timer = setTimeout(() => {
      held.remove(holder, request);
      if (!request.complete && !isLongBody(request)) request.destroy();
    }, limits.milliseconds);
    const done = () => {
      clearTimeout(timer);
      held.remove(holder, request);
    };
    request.once('end', done).once('close', done);
  };

  return (request) => {
    const { headers } = request;
    if (!('content-length' in headers || 'transfer-encoding' in headers)) return;
    setImmediate(wait, request); // most bodies are there before this turn of the event loop ends
  };
}
