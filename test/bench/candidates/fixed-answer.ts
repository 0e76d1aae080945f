/**
 * What the limits answer: an introspection answer of realistic size, and how they read a question.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** As long as an answer of Usher about a branch. */
export const fixedAnswer = JSON.stringify({
  active: true,
  iss: 'http://127.0.0.1:3000',
  sub: 'user_00112233445566778899aabbccddeeff',
  username: 'member-1@usher.test',
  client_id: 'app-0',
  token_type: 'Bearer',
  iat: 1_800_000_000,
  exp: 1_800_003_600,
  scope: 'database:read_branches database:write_branches',
  resource: {
    type: 'branch',
    identifier: 'br_00112233445566778899aabbccddeeff',
    path: 'organizations/org-1/databases/db-1/branches/main',
    production: true,
  },
});

/** Calls back with the parsed form of a request. */
export function withForm(req: IncomingMessage, use: (form: URLSearchParams) => void): void {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (chunk: string) => {
    body += chunk;
  });
  req.on('end', () => use(new URLSearchParams(body)));
}

/** Ends a request with JSON. */
export function answerJson(res: ServerResponse, json: string): void {
  res.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
    'cache-control': 'no-store',
  });
  res.end(json);
}
