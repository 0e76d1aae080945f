/** RFC 8628, the device flow: not offered, and nothing of it answers. */

import { expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoCli, post, readAnswer } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';

const server = forAllTests(startTestServer);

test('no device code is given out, and none is taken', async () => {
  const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
  const fields = { grant_type: grantType, device_code: 'x' };
  const answer = await post(server, '/oauth/token', demoCli, fields);
  expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
  for (const path of ['/oauth/device_authorization', '/device']) {
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { body: new URLSearchParams({ user_code: 'x' }) } : {};
      const { status } = await fetch(server.issuer + path, { method, ...body });
      expect([403, 404, 405]).toContain(status);
    }
  }
});

test('the metadata does not speak of it', async () => {
  const address = `${server.issuer}/.well-known/oauth-authorization-server`;
  const { body } = await readAnswer(await fetch(address));
  expect(JSON.stringify(body)).not.toContain('device');
});

test('no client can register it: it is dropped, and the answer says so', async () => {
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: ['https://app.test/callback'],
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    }),
  });
  expect(await readAnswer(response)).toMatchObject({
    status: 201,
    body: { grant_types: ['authorization_code'] },
  });
});
