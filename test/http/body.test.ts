/** Bodies are read up to a limit, or looked at and put back, over real connections. */

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Koa from 'koa';
import { afterEach, describe, expect, test } from 'vitest';
import { isSentAs, peekBody, readBody } from '../../src/http/body.ts';
import { answerOAuthError, databaseUnavailable } from '../../src/http/oauth-error.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(handler: (req: IncomingMessage, res: ServerResponse) => void) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const koa = (answer: (ctx: Koa.Context) => unknown) => {
  const app = new Koa();
  app.use(async (ctx) => {
    ctx.body = { answer: await answer(ctx) };
  });
  return serve(app.callback());
};

const post = async (url: string, body: string, headers: Record<string, string> = {}) =>
  (await fetch(url, { method: 'POST', body, headers })).json();

describe('readBody', () => {
  test('reads up to the limit, and no further', async () => {
    const url = await koa(async (ctx) => (await readBody(ctx, 5))?.toString() ?? 'too much');
    expect(await post(url, '12345')).toEqual({ answer: '12345' });
    expect(await post(url, '123456')).toEqual({ answer: 'too much' });
  });

  test('counts what comes without a length, and the answer still gets out', async () => {
    const url = await koa(async (ctx) => (await readBody(ctx, 5))?.toString() ?? 'too much');
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = request(url, { method: 'POST' }, (response) => resolve(text(response)));
      sent.on('error', reject);
      sent.write('1234');
      sent.write('5678'); // it is never ended
    });
    expect(JSON.parse(answer)).toEqual({ answer: 'too much' });
  });
});

test('isSentAs: the media type with any parameters, and not compressed', async () => {
  const url = await koa((ctx) => isSentAs(ctx, 'application/json'));
  const json = { 'Content-Type': 'application/json; charset=utf-8' };
  expect(await post(url, '{}', json)).toEqual({ answer: true });
  expect(await post(url, '{}', { ...json, 'Content-Encoding': 'gzip' })).toEqual({ answer: false });
  expect(await post(url, '{}', { 'Content-Type': 'text/plain' })).toEqual({ answer: false });
});

test('peekBody: what was looked at can be put back, for a reader that knows nothing of it', async () => {
  const url = await serve((req, res) => {
    peekBody(req, Number(req.headers['content-length']), (body) => {
      req.unshift(body);
      text(req).then((again) => res.end(JSON.stringify([body.toString(), again])));
    });
  });
  const large = 'x'.repeat(200_000); // comes in several pieces
  expect(await post(url, large)).toEqual([large, large]);
});

test('an OAuth error: status, headers and the two members of the body', async () => {
  const app = new Koa();
  app.use((ctx) => answerOAuthError(ctx, databaseUnavailable));
  const response = await fetch(await serve(app.callback()));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(await response.json()).toEqual({
    error: 'temporarily_unavailable',
    error_description: 'the database cannot be reached, try again',
  });
});
