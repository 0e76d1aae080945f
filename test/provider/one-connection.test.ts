/** One token request is one transaction on one connection: with a pool of one, nothing waits for a second. */

import { expect, test } from 'vitest';
import { postWithAssertion, registerWithKey } from '../support/assertions.ts';
import { consentedBrowser } from '../support/consented.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  demoApi,
  demoApp,
  introspectAs,
  obtainCode,
  post,
  redeem,
  refresh,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { age } from '../support/token-rows.ts';

const dba = 'dba@acme.test';
const scope = 'openid database:read_database';
const server = forAllTests(() =>
  startTestServer({}, async (address) => ({ ...address, poolSize: 1 })),
);
const agent = forAllTests(() => consentedBrowser(server, demoApp, dba, scope, ['acme/shop']));
const keyHolder = forAllTests(() => registerWithKey(server));

async function tokens(headers: Record<string, string> = {}) {
  const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
  const { status, body } = await redeem(server, demoApp, code, verifier, {}, headers);
  expect(status).toBe(200);
  return { ...body, code, verifier };
}

test('redemption, duplicate and replay of a code', async () => {
  const key = await createDpopKey();
  const held = await tokens(await key.proof(`${server.issuer}/oauth/token`));
  expect((await redeem(server, demoApp, held.code, held.verifier)).status).toBe(400);
  await age(server, held.code, 31);
  expect((await redeem(server, demoApp, held.code, held.verifier)).status).toBe(400);
  expect(await introspectAs(server, demoApi, held.access_token)).toEqual({ active: false });
});

test('refresh, retry, refusals with a proof, reuse', async () => {
  const held = await tokens();
  const first = await refresh(server, demoApp, held.refresh_token);
  expect((await refresh(server, demoApp, held.refresh_token)).body).toEqual(first.body);
  const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
  const bad = { resource: 'https://evil.test/' };
  const refused = await refresh(server, demoApp, first.body.refresh_token, bad, proof);
  expect(refused.body.error).toBe('invalid_target');
  expect((await refresh(server, tinyApp, first.body.refresh_token)).status).toBe(400);
  await age(server, held.refresh_token, 61);
  expect((await refresh(server, demoApp, held.refresh_token)).status).toBe(400);
  expect(await introspectAs(server, demoApi, first.body.access_token)).toEqual({ active: false });
});

test('assertions, at the token endpoint and beside it', async () => {
  const nobody = { grant_type: 'refresh_token', refresh_token: 'usher_rt_x' };
  for (const [path, fields, status] of [
    ['/oauth/token', nobody, 400],
    ['/oauth/introspect', { token: 'x' }, 200],
    ['/oauth/revoke', { token: 'x' }, 200],
  ] as const) {
    const answer = await postWithAssertion(server, path, await keyHolder.assertion(), fields);
    expect({ path, status: answer.status }).toEqual({ path, status });
  }
});

test('revocation', async () => {
  const { refresh_token: token, access_token } = await tokens();
  expect((await post(server, '/oauth/revoke', demoApp, { token })).status).toBe(200);
  expect(await introspectAs(server, demoApi, access_token)).toEqual({ active: false });
});

test('twenty refreshes of as many grants at once', async () => {
  const held = [];
  for (let n = 0; n < 20; n++) held.push(await tokens());
  const answers = await Promise.all(
    held.map(({ refresh_token }) => refresh(server, demoApp, refresh_token)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
});
