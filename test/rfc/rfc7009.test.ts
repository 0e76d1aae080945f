/** RFC 7009, Token Revocation: a token ends together with its grant. */

import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { consentedBrowser } from '../support/consented.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  demoApp,
  demoCli,
  introspectAs,
  obtainCode,
  obtainTokens,
  post,
  redeem,
  refresh,
  type TestClient,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { isAlive } from '../support/token-rows.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const server = forAllTests(startTestServer);
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli], dba, scope, ['acme/shop']),
);

const tokens = (client: TestClient = demoApp) => obtainTokens(server, client, dba, scope, agent);
const revoke = (client: TestClient, token: string, hint?: string) =>
  post(server, '/oauth/revoke', client, { token, ...(hint && { token_type_hint: hint }) });

describe('section 2.1, revocation request', () => {
  test.each(['access_token', 'refresh_token'])('revoking the %s ends both', async (member) => {
    for (const hint of [undefined, 'access_token', 'refresh_token', 'bogus']) {
      const held = await tokens();
      expect(await revoke(demoApp, held[member], hint)).toMatchObject({ status: 200 });
      expect(await isAlive(server, held.access_token)).toBe(false);
      expect((await introspectAs(server, demoApp, held.refresh_token)).active).toBe(false);
      expect((await refresh(server, demoApp, held.refresh_token)).body.error).toBe('invalid_grant');
    }
  });

  test('a public client revokes its own token with its client_id', async () => {
    const held = await tokens(demoCli);
    expect((await revoke(demoCli, held.refresh_token)).status).toBe(200);
    expect(await isAlive(server, held.access_token)).toBe(false);
  });

  test("another client's token stays, and the client is told", async () => {
    const held = await tokens();
    for (const client of [tinyApp, demoCli]) {
      for (const token of [held.access_token, held.refresh_token]) {
        expect(await revoke(client, token)).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        });
      }
    }
    expect(await isAlive(server, held.access_token)).toBe(true);
  });

  test('nobody revokes without proving who it is', async () => {
    const held = await tokens();
    const wrong = await revoke({ ...demoApp, secret: 'wrong' }, held.access_token);
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await revoke({ ...demoApp, secret: undefined }, held.access_token)).status).toBe(401);
    expect(await isAlive(server, held.access_token)).toBe(true);
  });

  test('a refresh token ends too when the client has lost that grant type meanwhile', async () => {
    const held = await tokens();
    await setGrantTypes(['authorization_code']);
    expect((await revoke(demoApp, held.access_token)).status).toBe(200);
    await setGrantTypes(['authorization_code', 'refresh_token']);
    expect((await refresh(server, demoApp, held.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('revoking a spent refresh token ends its successor', async () => {
    const held = await tokens();
    const { body } = await refresh(server, demoApp, held.refresh_token);
    await revoke(demoApp, held.refresh_token);
    expect(await isAlive(server, body.access_token)).toBe(false);
    expect((await refresh(server, demoApp, body.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('a missing token is invalid_request', async () => {
    const answer = await post(server, '/oauth/revoke', demoApp, {});
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('section 2.2, revocation response', () => {
  test('a token that is unknown, malformed or dead is no error', async () => {
    const held = await tokens();
    await revoke(demoApp, held.access_token);
    const dead = [held.access_token, `usher_at_${'x'.repeat(49)}`, 'x', ' ', '\u0000', 'ä'];
    for (const token of dead) {
      const { status, body, headers } = await revoke(demoApp, token);
      expect({ status, body }).toEqual({ status: 200, body: {} });
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('cache-control')).toContain('no-store');
    }
  });

  test('section 2.2.1: what looks like a JWT is unsupported_token_type', async () => {
    const { status, body } = await revoke(demoApp, 'eyJhbGciOiJFUzI1NiJ9.e30.x');
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'unsupported_token_type' });
  });

  test('a code is not a token to revoke', async () => {
    const { code, verifier } = await obtainCode(server, demoApp, dba, scope, agent);
    expect((await revoke(demoApp, code)).status).toBe(200);
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });
});

async function setGrantTypes(grantTypes: string[]): Promise<void> {
  const update = statement('update clients set grant_types = $2 where id = $1');
  await server.database.db.query(update, [demoApp.id, grantTypes]);
}
