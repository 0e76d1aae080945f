/**
 * Bodies that are waited for: each has its time, and one address, and all together, may have so many at
 * once. Where there are more the oldest ends, of the same address or of the one that has most, so
 * that held forms take neither memory nor the turn of somebody new.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { isLongBody } from '../lib/long-bodies.ts';

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
  const held = new Map<string, Set<IncomingMessage>>();
  let total = 0;

  const leave = (holder: string, request: IncomingMessage) => {
    const own = held.get(holder);
    if (own?.delete(request) !== true) return;
    total--;
    if (own.size === 0) held.delete(holder);
  };
  const endOldestOf = (holder: string) => {
    for (const request of held.get(holder) ?? []) {
      leave(holder, request);
      if (isLongBody(request)) continue;
      request.destroy();
      return;
    }
  };
  const endOldestOfMost = () => {
    let [most, size] = ['', 0];
    for (const [holder, own] of held) if (own.size > size) [most, size] = [holder, own.size];
    endOldestOf(most);
  };

  const wait = (request: IncomingMessage) => {
    if (request.complete || request.destroyed) return;
    const holder = holderOf(request);
    if ((held.get(holder)?.size ?? 0) >= limits.ofOneAddress) endOldestOf(holder);
    if (total >= limits.inAll) endOldestOfMost();
    held.set(holder, (held.get(holder) ?? new Set()).add(request));
    total++;
    const timer = setTimeout(() => {
      leave(holder, request);
      if (!request.complete && !isLongBody(request)) request.destroy();
    }, limits.milliseconds);
    const done = () => {
      clearTimeout(timer);
      leave(holder, request);
    };
    request.once('end', done).once('close', done);
  };

  return (request) => {
    const { headers } = request;
    if (!('content-length' in headers || 'transfer-encoding' in headers)) return;
    setImmediate(wait, request); // most bodies are there before this turn of the event loop ends
  };
}
