/** A request that is over holds nothing, and one that is not over lacks nothing. */

import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'koa';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseContexts } from '../../src/provider/released-contexts.ts';

const contexts: Context[] = [];
let answer: Promise<void> = Promise.resolve();

const provider = new Provider('http://usher.test');
releaseContexts(provider);
provider.use(async (ctx, next) => {
  contexts.push(ctx);
  await answer;
  await next();
});
const server = createServer(provider.callback());

let address: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  address = `http://127.0.0.1:${port}/.well-known/openid-configuration`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('after the answer the context is empty', async () => {
  const response = await fetch(address);
  expect(await response.json()).toMatchObject({ issuer: 'http://usher.test' });
  const ctx = contexts.pop() as Context;
  await expect.poll(() => ctx.req).toBeUndefined();
  expect([ctx.request, ctx.res, ctx.state, ctx['oidc'].ctx, ctx['oidc'].entities]).toEqual(
    Array(5).fill(undefined),
  );
});

test('a request whose asker is gone keeps its context until it is worked off', async () => {
  let proceed = () => {};
  answer = new Promise((resolve) => {
    proceed = resolve;
  });
  const request = get(address);
  request.on('error', () => {});
  await expect.poll(() => contexts.length).toBe(1);
  const ctx = contexts.pop() as Context;
  request.destroy();
  await once(ctx.res, 'close');
  expect(ctx.request.method).toBe('GET');
  proceed();
  await expect.poll(() => ctx.body).toMatchObject({ issuer: 'http://usher.test' });
});
