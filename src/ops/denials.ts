/**
 * Refused requests in the log: one line each, with the client, the address and the reason; of many that
 * say the same, samples.
 *
 * The client is the one that the request names, proven or not.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { readBasicCredentials } from '../http/basic-credentials.ts';
import { createSampler } from '../lib/sampler.ts';

/** Why a request was refused, and who sent it. */
export interface Denial {
  readonly client?: string | undefined;
  readonly address?: string | undefined;
  readonly reason: string;
  /** How many there were in this minute that say the same. */
  readonly times?: number;
}

/** @returns the denial as the log has it; undefined where its line is left out. */
export type SampleDenial = (denial: Denial, request: IncomingMessage) => Denial | undefined;

/** @param addressOf the address that a request came from. */
export function createDenials(addressOf: (request: IncomingMessage) => string): SampleDenial {
  const sample = createSampler();
  return ({ client, reason }, request) => {
    const shown = printable(client ?? presentedClient(request));
    const address = addressOf(request);
    const times = sample(`${shown} ${address} ${reason}`);
    if (times === undefined) return undefined;
    return { client: shown, address, reason, ...(times > 1 ? { times } : {}) };
  };
}

function presentedClient({ headers }: IncomingMessage): string | undefined {
  return readBasicCredentials(headers.authorization ?? '')?.clientId;
}

/** Whatever looks like a secret of ours in the wrong field is not written. */
function printable(client: string | undefined): string | undefined {
  if (client === undefined) return undefined;
  return /^[\w.:/-]{1,128}$/.test(client) && !client.includes('usher_') ? client : 'unreadable';
}
