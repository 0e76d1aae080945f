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

import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, fetch as send } from 'undici';

/** Where a fetch may lead. */
export interface FetchReach {
  /** Loopback too, and by `http`; for trying things out on one machine. */
  readonly loopback: boolean;
  /** Private networks too. */
  readonly privateNetworks: boolean;
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

/** The fetch was not done, or not to its end; `cause` is what the network said. */
export class FetchRefusedError extends Error {
  override readonly name = 'FetchRefusedError';
}

const timeoutMs = 5_000;
const connectTimeoutMs = 2_000;
const maxBytes = 512 * 1024;

const loopbackRanges = listOf(['127.0.0.0/8', '::1/128']);
const privateRanges = listOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
]);
/** Nobody serves anything there but the machine's own keepers, such as a cloud's metadata service. */
const otherRanges = listOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
  '2001:db8::/32',
  'fe80::/10',
  'ff00::/8',
]);

/** @returns a fetch that leads no further than `reach`. */
export function createGuardedFetch(reach: FetchReach): GuardedFetch {
  const dispatcher = new Agent({
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup(reach) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 1_000,
  });
  return async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
    checkAddress(address, reach);
    const inTime = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await send(address, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        body: bodyOf(body),
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, inTime]) : inTime,
        dispatcher,
      });
      const bytes = await readAll(answer.body);
      const hasBody = ![101, 204, 205, 304].includes(answer.status);
      return new Response(hasBody ? bytes : null, {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
      });
    } catch (cause) {
      if (cause instanceof FetchRefusedError) throw cause;
      throw new FetchRefusedError(`${new URL(address).origin} did not answer`, { cause });
    }
  };
}

function bodyOf(body: unknown): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('the body must be text, bytes or a form');
}

/** An address that is written as one is looked up by nobody, so it is checked here. */
function checkAddress(address: string, reach: FetchReach): void {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLoopback = host === 'localhost' || isIn(loopbackRanges, host);
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback && reach.loopback);
  if (!isAllowed) throw new FetchRefusedError(`${url.origin} is not reached by https`);
  if (url.username !== '' || url.password !== '')
    throw new FetchRefusedError('an address must hold no password');
  if (isIP(host) !== 0 && !mayReach(host, reach)) throw refused(host);
}

/** @returns whether an IP address is within reach. */
export function mayReach(address: string, { loopback, privateNetworks }: FetchReach): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 6 && /^::ffff:/i.test(plain)) return false;
  if (isIn(loopbackRanges, plain)) return loopback;
  if (isIn(privateRanges, plain)) return privateNetworks;
  return !isIn(otherRanges, plain);
}

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

function guardedLookup(reach: FetchReach) {
  return (host: string, options: LookupOptions, found: unknown): void => {
    const answer = found as Found &
      ((error: Error | null, address?: string, family?: number) => void);
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, []);
      const barred = addresses.find(({ address }) => !mayReach(address, reach));
      if (barred !== undefined) return answer(refused(host), []);
      if (options.all === true) return answer(null, addresses);
      const [first] = addresses;
      return answer(null, first?.address, first?.family);
    });
  };
}

function refused(host: string): FetchRefusedError {
  return new FetchRefusedError(`${host} is in a network that must not be reached`);
}

async function readAll(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
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

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
