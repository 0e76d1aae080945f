/**
 * `POST /oauth/introspect` without the library, for plain requests.
 *
 *   headers plain? -> read the body -> plain? -> wait for the batch -> answer
 *        no |                           no |
 *           +-> the library                +-> the library, with the body put back
 *
 * Both ways lead to the same statement and the same decision.
 *
 * @module
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { hasPlainHeaders, type PlainRequest, readPlainRequest } from './plain-request.ts';

/** The answer to a plain request: JSON, or that the client's credentials are wrong. */
export type PlainAnswer = { readonly json: string } | 'invalid_client';

/** What the fast path is made of. */
export interface FastPathParts {
  readonly issuer: string;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ask: (request: PlainRequest) => Promise<PlainAnswer>;
  /** Answers what is not plain. */
  readonly library: RequestListener;
  readonly onAnswered: (req: IncomingMessage, res: ServerResponse) => void;
  /** The credentials were wrong. */
  readonly onRefused: (request: PlainRequest, req: IncomingMessage) => void;
  readonly onFailure: (error: unknown) => void;
}

/** @returns the handler of introspection requests. */
export function createFastPath(parts: FastPathParts): RequestListener {
  const send = createSender(parts);
  return (req, res) => {
    if (!hasPlainHeaders(req.headers)) return parts.library(req, res);
    readBody(req, (body) => {
      const request = readPlainRequest(req.headers.authorization, body.toString('latin1'));
      if (request === undefined) {
        req.unshift(body);
        return parts.library(req, res);
      }
      parts.ask(request).then(
        (answer) => {
          if (answer === 'invalid_client') parts.onRefused(request, req);
          send(req, res, answer);
        },
        (error) => send(req, res, failure(error, parts)),
      );
    });
  };
}

type Failure = 'temporarily_unavailable' | 'server_error';

function failure(error: unknown, { onFailure }: FastPathParts): Failure {
  onFailure(error);
  return error instanceof DatabaseUnavailableError ? 'temporarily_unavailable' : 'server_error';
}

/** Reads the whole body and stops just before the end, so that it can still be put back. */
function readBody(req: IncomingMessage, done: (body: Buffer) => void): void {
  const length = Number(req.headers['content-length']);
  const chunks: Buffer[] = [];
  let received = 0;
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < length) return;
    req.pause();
    req.off('data', take);
    done(chunks.length === 1 ? chunk : Buffer.concat(chunks));
  };
  req.on('data', take);
  req.on('error', () => {}); // the client went away
}

function createSender({ issuer, headers, onAnswered }: FastPathParts) {
  const common = {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
  };
  const plain = Object.entries(common).flat();
  const refusals = {
    invalid_client: {
      status: 401,
      description: 'client authentication failed',
      extra: {},
    },
    temporarily_unavailable: {
      status: 503,
      description: 'the database cannot be reached, try again',
      extra: { 'Retry-After': '2' },
    },
    server_error: { status: 500, description: 'oops! something went wrong', extra: {} },
  };

  return (req: IncomingMessage, res: ServerResponse, answer: PlainAnswer | Failure) => {
    if (typeof answer === 'object') {
      const length = Buffer.byteLength(answer.json);
      res.writeHead(200, [...plain, 'Content-Length', String(length)]);
      res.end(answer.json, length === answer.json.length ? 'latin1' : 'utf8');
    } else {
      const { status, description, extra } = refusals[answer];
      const asked = answer === 'invalid_client' && req.headers.authorization !== undefined;
      const challenge = asked
        ? {
            'WWW-Authenticate': `Basic realm="${issuer}", error="${answer}", error_description="${description}"`,
          }
        : {};
      res.writeHead(status, { ...common, ...extra, ...challenge });
      res.end(JSON.stringify({ error: answer, error_description: description }));
    }
    onAnswered(req, res);
  };
}
