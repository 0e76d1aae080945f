/**
 * Fetching from another server without trusting it: only where it may lead, for so long, and so much.
 *
 * - `https` only; `http` on loopback where it is allowed, outside production.
 * - The address that is connected to is checked, not the name: a name may mean any address.
 * - Redirects are not followed.
 * - The whole answer must arrive in time, and its decompressed bytes are counted.
 *
 * Source: OWASP ASVS 5 section 1.3.6 (server-side request forgery).
 *
 * @module
 */

import { isIP } from 'node:net';
import { FetchRefusedError } from './fetch-refused-error.ts';
import { type FindAddresses, guardedLookup, namesWithin, outOfReach } from './names.ts';
import { type FetchReach, isLoopbackAddress, mayReach } from './networks.ts';
import { createTurns } from './turns.ts';

/** How much an answer may bring, and for how long it is waited for, from the look-up to its last byte. */
export interface FetchLimits {
  /** After decompression. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** What is sent; as of `fetch`. */
interface GuardedRequest {
  readonly method?: string;
  readonly headers?: Record<string, string> | Headers;
  /** Text, bytes or a form; nothing that is read as it comes. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** As `fetch`, with the whole answer read. @throws {FetchRefusedError} it must not, or took too long or too much. */
export type GuardedFetch = (address: string, request?: GuardedRequest) => Promise<Response>;

/** For what is small and comes at once, and yet may be a server's whole configuration. */
const usualLimits: FetchLimits = { maxBytes: 512 * 1024, timeoutMs: 5_000 };

/** A host sees in its log who asks for its document. */
const ownName = 'Usher';
const connectTimeoutMs = 2_000;
const atOncePerHost = 4;

/**
 * @param find how names are looked up, where it is not as their reach wants it.
 * @returns a fetch that leads no further than `reach`.
 */
export function createGuardedFetch(
  reach: FetchReach,
  { maxBytes, timeoutMs }: FetchLimits = usualLimits,
  find: FindAddresses = namesWithin(reach),
): GuardedFetch {
  const takeTurn = createTurns(atOncePerHost);
  let connected: ReturnType<typeof connecting> | undefined;
  const connecting = async () => {
    const { Agent, fetch: send } = await import('undici'); // large, and many processes fetch nothing
    const dispatcher = new Agent({
      connect: { timeout: connectTimeoutMs, lookup: guardedLookup(reach, find) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 1_000,
    });
    return { send, dispatcher };
  };
  return async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
    const { host, origin } = checkAddress(address, reach);
    connected ??= connecting();
    const { send, dispatcher } = await connected;
    const inTime = AbortSignal.timeout(timeoutMs);
    const ending = signal ? AbortSignal.any([signal, inTime]) : inTime;
    try {
      return await takeTurn(host, ending, async () => {
        const answer = await send(address, {
          method,
          headers: { 'user-agent': ownName, ...Object.fromEntries(new Headers(headers)) },
          body: bodyOf(body),
          redirect: 'manual',
          signal: ending,
          dispatcher,
        });
        const bytes = await readAll(answer.body, maxBytes);
        const hasBody = ![101, 204, 205, 304].includes(answer.status);
        return new Response(hasBody ? bytes : null, {
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
        });
      });
    } catch (cause) {
      throw refusalIn(cause) ?? new FetchRefusedError(`${origin} did not answer`, { cause });
    }
  };
}

function bodyOf(body: unknown): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('the body must be text, bytes or a form');
}

/** What the look-up refused comes wrapped in what the client makes of it. */
function refusalIn(error: unknown): FetchRefusedError | undefined {
  if (error instanceof FetchRefusedError) return error;
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined;
}

/** An address that is written as one is looked up by nobody, so it is checked here. */
function checkAddress(address: string, reach: FetchReach): URL {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLoopback = host === 'localhost' || isLoopbackAddress(host);
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback && reach.loopback);
  if (!isAllowed) throw new FetchRefusedError(`${url.origin} is not reached by https`);
  if (url.username !== '' || url.password !== '')
    throw new FetchRefusedError('an address must hold no password');
  if (isIP(host) !== 0 && !mayReach(host, reach)) throw outOfReach(host);
  return url;
}

async function readAll(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes)
      throw new FetchRefusedError(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
