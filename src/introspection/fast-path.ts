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
import { peekBody } from '../http/body.ts';
import {
  databaseUnavailable,
  errorBody,
  invalidClient,
  type OAuthError,
  serverError,
} from '../http/oauth-error.ts';
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
    peekBody(req, Number(req.headers['content-length']), (body) => {
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

function createSender({ issuer, headers, onAnswered }: FastPathParts) {
  const common = {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
  };
  const plain = Object.entries(common).flat();
  const refusals: Readonly<Record<'invalid_client' | Failure, OAuthError>> = {
    invalid_client: invalidClient,
    temporarily_unavailable: databaseUnavailable,
    server_error: serverError,
  };

  return (req: IncomingMessage, res: ServerResponse, answer: PlainAnswer | Failure) => {
    if (typeof answer === 'object') {
      const length = Buffer.byteLength(answer.json);
      res.writeHead(200, [...plain, 'Content-Length', String(length)]);
      res.end(answer.json, length === answer.json.length ? 'latin1' : 'utf8');
    } else {
      const refusal = refusals[answer];
      const { status, description, headers: extra } = refusal;
      const asked = answer === 'invalid_client' && req.headers.authorization !== undefined;
      const challenge = asked
        ? {
            'WWW-Authenticate': `Basic realm="${issuer}", error="${answer}", error_description="${description}"`,
          }
        : {};
      res.writeHead(status, { ...common, ...extra, ...challenge });
      res.end(JSON.stringify(errorBody(refusal)));
    }
    onAnswered(req, res);
  };
}
