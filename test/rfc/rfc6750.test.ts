/** RFC 6750, Bearer tokens: how the management API asks for them, also of pages of other origins. */

import { describe, expect, test } from 'vitest';
import { startApi } from '../api/api-server.ts';
import { makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const api = forAllTests(startApi);
const world = forAllTests(() => makeWorld(api.db));

const writes = ['POST /organizations', 'DELETE /user', 'PUT /platform/organizations/x'];

describe('section 3, the WWW-Authenticate response header field', () => {
  test.each(['GET /user', ...writes])('%s without credentials is 401', async (request) => {
    const { status, headers } = await api.nobody.send(request);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer [^,]+, DPoP algs="ES256 Ed25519 EdDSA"/,
    );
    expect(headers.get('www-authenticate')).not.toContain('error=');
  });

  test.each(writes)('%s with the cookie of a session that is over is 401', async (request) => {
    const stale = api.withHeaders({ cookie: 'usher_session=nothing; usher_session.sig=nothing' });
    expect((await stale.send(request)).status).toBe(401);
  });

  test('a scheme that is not offered is no error of the token', async () => {
    const other = api.withHeaders({ authorization: 'Basic eDp5' });
    const { status, headers } = await other.send('GET /user');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).not.toContain('error=');
  });
});

describe('section 2.1, several spaces are one', () => {
  test('Bearer', async () => {
    const token = await api.tokenFor(world.accounts.admin, [[undefined, 'user:read_user']]);
    const spaced = api.withHeaders({ authorization: `bearer   ${token}` });
    expect((await spaced.send('GET /user')).status).toBe(200);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://app.test';

  test('asks before, and may send a token, a proof and conditions', async () => {
    const { status, headers } = await api.nobody.send('OPTIONS /organizations', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,dpop',
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining([
        'authorization',
        'dpop',
        'content-type',
        'if-match',
        'if-none-match',
      ]),
    );
    expect(allowed).not.toContain('x-usher-request');
    expect(allowed).not.toContain('*');
  });

  test('reads the answer to a token, and the challenge where there is none', async () => {
    const token = await api.byTokenFor(world.accounts.admin, [[undefined, 'user:read_user']]);
    const answer = await token.send('GET /user', { headers: { origin } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    const challenged = await api.nobody.send('GET /user', { headers: { origin } });
    expect(challenged.headers.get('access-control-allow-origin')).toBe('*');
    const exposed = challenged.headers.get('access-control-expose-headers');
    for (const name of ['WWW-Authenticate', 'ETag']) expect(exposed).toContain(name);
  });

  test('never reads what was asked with a cookie', async () => {
    const admin = await api.inBrowser(world.accounts.admin);
    const { status, headers } = await admin.send('GET /user', { headers: { origin } });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, null]);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('numbers in queries', () => {
  test.each(['1e1', '0x10', ' 5', '+5', '5.0', '', '0', '101', '05'])(
    '%j is none',
    async (limit) => {
      const admin = await api.byTokenFor(world.accounts.admin, [
        [undefined, 'user:read_organizations'],
      ]);
      const query = `?limit=${encodeURIComponent(limit)}`;
      const { status, body } = await admin.send(`GET /organizations${query}`);
      expect([status, body.errors?.[0]?.field]).toEqual([422, 'limit']);
    },
  );

  test.each(['1', '20', '100'])('%s is one', async (limit) => {
    const admin = await api.byTokenFor(world.accounts.admin, [
      [undefined, 'user:read_organizations'],
    ]);
    expect((await admin.send(`GET /organizations?limit=${limit}`)).status).toBe(200);
  });
});
