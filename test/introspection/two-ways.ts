/**
 * One request, sent both ways: as the fast path takes it, and with an `Accept` that it does not
 * know, which leaves the very same request to the library.
 */

import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { hasPlainHeaders, readPlainRequest } from '../../src/introspection/plain-request.ts';

/** A request as its bytes; undefined leaves a header out. */
export interface Sent {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly body: Buffer;
}

/** What both have to agree on. */
interface Told {
  readonly status: number | undefined;
  readonly json: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

const viaLibrary = 'application/json;q=0.9, */*;q=0.1';

/**
 * The headers that a client acts on, or that keep an answer from where it should not be. Those for
 * browsers are not among them: their requests have an `Origin`, and none of these is plain.
 */
const compared = [
  'content-type',
  'content-encoding',
  'cache-control',
  'www-authenticate',
  'retry-after',
  'location',
  'set-cookie',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
];

/** Asks both ways. */
export function createTwoWays(issuer: string) {
  const agent = new Agent({ keepAlive: true });
  return {
    /** @returns both answers, for a test to compare. */
    async ask(sent: Sent): Promise<{ fast: Told; library: Told; isPlain: boolean }> {
      const fast = await ask(issuer, agent, sent);
      const library = await ask(issuer, agent, { ...sent, accept: viaLibrary });
      return { fast, library, isPlain: isPlain(sent) };
    },
    close: () => agent.destroy(),
  };
}

/** Whether the fast path answers it, by the functions that decide so. */
function isPlain({ authorization, contentType, accept, body }: Sent): boolean {
  const headers = headersOf({ authorization, contentType, accept, body });
  const isSoFar = hasPlainHeaders(headers as IncomingHttpHeaders);
  return isSoFar && readPlainRequest(authorization, body.toString('latin1')) !== undefined;
}

function headersOf({ authorization, contentType, accept, body }: Sent): Record<string, string> {
  return {
    'content-length': String(body.length),
    ...(authorization !== undefined && { authorization }),
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(accept !== undefined && { accept }),
  };
}

/** What is no JSON is compared as it is. */
function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function ask(issuer: string, agent: Agent, sent: Sent): Promise<Told> {
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const asked = request(`${issuer}/oauth/introspect`, {
    method: 'POST',
    agent,
    headers: headersOf(sent),
  });
  asked.on('error', reject);
  asked.on('response', (response) => {
    const told = (body: string): Told => ({
      status: response.statusCode,
      json: readJson(body),
      headers: Object.fromEntries(compared.map((name) => [name, response.headers[name]])),
    });
    text(response).then(told).then(resolve, reject);
  });
  asked.end(sent.body);
  return promise;
}
