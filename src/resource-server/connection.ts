/**
 * The one way to Usher: requests over connections that are kept.
 *
 * A request is repeated once, and only where Usher had closed the kept connection before it was used
 * again: nothing was read then, and asking is safe. Neither a timeout nor any answer is asked again.
 *
 * Source: RFC 6749 section 2.3.1 (client authentication), RFC 9112 section
 * 9.3.1 (closed connections).
 *
 * @module
 */

import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { ResourceServerError } from './errors.ts';

/** Who asks whom. */
export interface Asker {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is sent. */
interface Message {
  readonly path: string;
  readonly type: 'application/x-www-form-urlencoded' | 'application/json';
  readonly body: string;
}

/** A way to ask. */
export interface Connection {
  /**
   * @returns the JSON of the answer, which nobody has looked at.
   * @throws {ResourceServerError} anything but a 200 with JSON, in time.
   */
  post(message: Message, signal: AbortSignal): Promise<unknown>;
  /** Ends the connections; questions on their way fail. */
  close(): void;
}

/** A full batch of long answers is far below. */
const maximumBytes = 4_194_304;

/** Opens no connection before it is needed. */
export function createConnection({ issuer, clientId, clientSecret }: Asker): Connection {
  const { request, Agent } = issuer.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true });
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  let isClosed = false;

  async function post({ path, type, body }: Message, signal: AbortSignal): Promise<unknown> {
    if (isClosed) throw new ResourceServerError('closed', 'this resource server was closed');
    const headers = { authorization, 'content-type': type, accept: 'application/json' };
    const open = (over: typeof agent | false) =>
      request(`${issuer}${path}`, { method: 'POST', headers, signal, agent: over });
    try {
      const kept = open(agent);
      const response = await send(kept, body).catch((error) => {
        if (!wasClosed(kept, error)) throw error;
        return send(open(false), body);
      });
      return await readJson(response);
    } catch (error) {
      throw error instanceof ResourceServerError ? error : toFailure(error, signal);
    }
  }

  return {
    post,
    close() {
      isClosed = true;
      agent.destroy();
    },
  };
}

/** @returns the answer as soon as its head is there. */
async function send(request: http.ClientRequest, body: string): Promise<http.IncomingMessage> {
  // What breaks later is reported by the answer's own stream as well.
  request.on('error', () => {});
  request.end(body);
  const [response] = await once(request, 'response');
  return response;
}

/** Whether the server had closed a kept connection before this request came. */
function wasClosed({ reusedSocket }: http.ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

async function readJson(response: http.IncomingMessage): Promise<unknown> {
  const body = await readBody(response);
  const { statusCode, headers } = response;
  if (statusCode === 401) {
    throw new ResourceServerError('credentials', 'Usher refuses the client id and secret');
  }
  if (statusCode !== 200) {
    throw new ResourceServerError('unavailable', `Usher answered ${statusCode}`);
  }
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new ResourceServerError('malformed_answer', 'Usher answered something else than JSON');
  }
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ResourceServerError('malformed_answer', 'Usher answered broken JSON', { cause });
  }
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBytes) {
      throw new ResourceServerError('malformed_answer', "Usher's answer is too long");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toFailure(cause: unknown, signal: AbortSignal): ResourceServerError {
  return signal.aborted
    ? new ResourceServerError('timeout', 'Usher did not answer in time', { cause })
    : new ResourceServerError('unreachable', 'Usher cannot be reached', { cause });
}
