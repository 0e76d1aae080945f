/** RFC 9700, Best Current Practice for OAuth 2.0 Security: replay of codes and refresh tokens. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { withdrawConsent } from '../../src/consent/withdraw.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  authorize,
  type Change,
  expectErrorPage,
  expectErrorRedirect,
} from '../support/authorize.ts';
import { consentedBrowser } from '../support/consented.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  callbackOf,
  consentTo,
  demoApp,
  demoCli,
  obtainCode,
  obtainTokens,
  post,
  readAnswer,
  redeem,
  refresh,
  signInFor,
  type TestClient,
  tinyApp,
} from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { age, isAlive, secondsLeft } from '../support/token-rows.ts';
import { createUserAgent, fill } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'database:read_database database:write_database';
const server = forAllTests(startTestServer);

/** The browser of most tests; who signs in once is not asked again. */
const agent = forAllTests(() =>
  consentedBrowser(server, [demoApp, demoCli], dba, scope, ['acme/shop']),
);
const obtained = () => obtainCode(server, demoApp, dba, scope, agent);
const tokens = (client = demoApp) => obtainTokens(server, client, dba, scope, agent);
const refused = { status: 400, body: { error: 'invalid_grant' } };

describe('section 4.5 and 2.1.1, authorization codes', () => {
  test('a duplicate within 30 s is refused and ends nothing', async () => {
    const { code, verifier } = await obtained();
    const { body } = await redeem(server, demoApp, code, verifier);
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(refused);
    expect(await isAlive(server, body.access_token)).toBe(true);
    expect((await refresh(server, demoApp, body.refresh_token)).status).toBe(200);
  });

  test('of 8 parallel redemptions one wins, and its tokens live', async () => {
    const { code, verifier } = await obtained();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => redeem(server, demoApp, code, verifier)),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const answer of answers) if (!won.includes(answer)) expect(answer).toMatchObject(refused);
    expect(await isAlive(server, won[0]?.body.access_token)).toBe(true);
    expect((await refresh(server, demoApp, won[0]?.body.refresh_token)).status).toBe(200);
  });

  test('a replay later than 30 s ends the grant', async () => {
    const { code, verifier } = await obtained();
    const { body } = await redeem(server, demoApp, code, verifier);
    await age(server, code, 31);
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(refused);
    expect(await isAlive(server, body.access_token)).toBe(false);
    expect(await refresh(server, demoApp, body.refresh_token)).toMatchObject(refused);
  });

  test('a replay is told as one for a day after the code would have expired', async () => {
    const { code, verifier } = await obtained();
    const { body } = await redeem(server, demoApp, code, verifier);
    await age(server, code, 86_000);
    await redeem(server, demoApp, code, verifier);
    expect(await refresh(server, demoApp, body.refresh_token)).toMatchObject(refused);
  });

  test('a wrong verifier neither burns a code nor ends the grant of a spent one', async () => {
    const { code, verifier } = await obtained();
    const wrong = 'w'.repeat(43);
    expect(await redeem(server, demoApp, code, wrong)).toMatchObject(refused);
    const { status, body } = await redeem(server, demoApp, code, verifier);
    expect(status).toBe(200);
    await age(server, code, 31);
    expect(await redeem(server, demoApp, code, wrong)).toMatchObject(refused);
    expect(await isAlive(server, body.access_token)).toBe(true);
  });

  test("another client's redemption burns nothing", async () => {
    const { code, verifier } = await obtained();
    const stolen = { redirect_uri: demoApp.redirectUri };
    expect(await redeem(server, tinyApp, code, verifier, stolen)).toMatchObject(refused);
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('a bad resource does not burn a code', async () => {
    const { code, verifier } = await obtained();
    const bad = await redeem(server, demoApp, code, verifier, { resource: 'https://evil.test' });
    expect(bad).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
  });

  test('a code is dead after 60 s', async () => {
    const { code, verifier } = await obtained();
    await age(server, code, 61);
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(refused);
  });
});

describe('section 4.11.2, the server as open redirector', () => {
  const trap = 'https://trap.test/callback';
  const errors: Change[] = [
    { prompt: 'none' },
    { scope: 'bogus' },
    { response_type: 'token' },
    { response_mode: 'fragment' },
    { code_challenge: undefined },
  ];

  async function register(asked = scope): Promise<TestClient> {
    const response = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'Stranger', redirect_uris: [trap], scope: asked }),
    });
    const { body } = await readAnswer(response);
    return { id: body.client_id, secret: body.client_secret, redirectUri: trap };
  }

  test('no error leads on to an application that registered itself', async () => {
    const stranger = await register();
    for (const change of errors) {
      expectErrorPage(await authorize(server, stranger, change));
      expectErrorPage(await authorize(server, stranger, change, agent));
    }
  });

  test('nor right after a sign-in, when the hint is of somebody else', async () => {
    const asked = `openid ${scope}`;
    const stranger = await register(asked);
    await consentTo(server, stranger, dba, asked, ['acme/shop']);
    const { url } = authorizationRequest(server, stranger, asked);
    const tokensOfAuthor = await obtainTokens(server, stranger, dba, asked);
    const trapUrl = new URL(url);
    trapUrl.searchParams.set('id_token_hint', tokensOfAuthor.id_token);
    const victim = await signInFor(createUserAgent(server.issuer), trapUrl.href, member);
    expect(victim.status).toBe(400);
    expect(new URL(victim.url).origin).toBe(new URL(server.issuer).origin);
  });

  test('unless this user consented to it, or it was verified', async () => {
    const known = await register();
    await consentTo(server, known, dba, scope, ['acme/shop']);
    const change = { prompt: 'none', scope: 'bogus' };
    await obtainTokens(server, demoApp, dba, scope, agent);
    expectErrorRedirect(await authorize(server, known, change, agent), known, 'invalid_scope');
    expectErrorPage(await authorize(server, known, change));
    const verify = statement('update clients set is_verified = $2 where id = $1');
    await server.database.db.query(verify, [known.id, true]);
    const answer = await authorize(server, known, change);
    await server.database.db.query(verify, [known.id, false]); // else nobody can have its name again
    expectErrorRedirect(answer, known, 'invalid_scope');
  });

  test('what the user decides goes there: the cancelled request', async () => {
    const stranger = await register();
    const { url } = authorizationRequest(server, stranger, scope);
    const page = await signInFor(agent, url, dba);
    const cancelled = await agent.submit(
      page,
      (sent) => fill(sent, 'action', 'cancel'),
      '/consent',
    );
    expect(callbackOf(cancelled).get('error')).toBe('access_denied');
  });
});

describe('section 4.14.2, refresh tokens', () => {
  test('each refresh rotates, and the successor works', async () => {
    const first = await tokens();
    const { body } = await refresh(server, demoApp, first.refresh_token);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    expect(body.access_token).not.toBe(first.access_token);
    expect((await refresh(server, demoApp, body.refresh_token)).status).toBe(200);
  });

  test('an identical retry within 60 s gets the identical answer', async () => {
    const { refresh_token: spent } = await tokens();
    const first = await refresh(server, demoApp, spent);
    await age(server, spent, 50);
    const again = await refresh(server, demoApp, spent);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(await isAlive(server, first.body.access_token)).toBe(true);
  });

  test('a retry with a bare scope name is the same retry', async () => {
    const { refresh_token: spent } = await tokens();
    const narrow = { scope: 'read_database' };
    const first = await refresh(server, demoApp, spent, narrow);
    expect(first.body.scope).toBe('database:read_database');
    expect((await refresh(server, demoApp, spent, narrow)).body).toEqual(first.body);
  });

  test.each([
    ['all that it has, by name', { scope }],
    ['the same in another order', { scope: scope.split(' ').toReversed().join(' ') }],
    ['bare names', { scope: 'read_database write_database' }],
    ['offline access beside it', { scope: `${scope} offline_access` }],
  ])('a retry that asks for %s is the same retry', async (_what, fields) => {
    const { refresh_token: spent } = await tokens();
    const first = await refresh(server, demoApp, spent);
    expect((await refresh(server, demoApp, spent, fields)).body).toEqual(first.body);
    expect(await isAlive(server, first.body.access_token)).toBe(true);
  });

  test('8 parallel refreshes get one pair of tokens, which lives', async () => {
    const { refresh_token: spent } = await tokens();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => refresh(server, demoApp, spent)),
    );
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 200, body: answers[0]?.body });
    }
    expect(await isAlive(server, answers[0]?.body.access_token)).toBe(true);
    expect((await refresh(server, demoApp, answers[0]?.body.refresh_token)).status).toBe(200);
  });

  test.each<[when: string, again: (spent: string, successor: string) => Promise<unknown>]>([
    [
      'after 60 s',
      async (spent) => {
        await age(server, spent, 61);
        return refresh(server, demoApp, spent);
      },
    ],
    ['with other parameters', (spent) => refresh(server, demoApp, spent, { scope: 'openid' })],
    [
      'with a scope that does not exist',
      (spent) => refresh(server, demoApp, spent, { scope: 'bogus' }),
    ],
    ['by another client', (spent) => refresh(server, tinyApp, spent)],
    [
      'with the same secret, sent another way',
      (spent) => {
        const inBody = { client_id: demoApp.id, client_secret: demoApp.secret ?? '' };
        const fields = { grant_type: 'refresh_token', refresh_token: spent, ...inBody };
        return post(server, '/oauth/token', { ...demoApp, id: '', secret: undefined }, fields);
      },
    ],
    [
      'with a DPoP key',
      async (spent) => {
        const proof = await (await createDpopKey()).proof(`${server.issuer}/oauth/token`);
        return refresh(server, demoApp, spent, {}, proof);
      },
    ],
    [
      "after the successor's first use",
      async (spent, successor) => {
        await refresh(server, demoApp, successor);
        return refresh(server, demoApp, spent);
      },
    ],
  ])('a spent token used again %s ends the grant', async (_when, again) => {
    const first = await tokens();
    const { body } = await refresh(server, demoApp, first.refresh_token);
    expect(await again(first.refresh_token, body.refresh_token)).toMatchObject(refused);
    expect(await isAlive(server, first.access_token)).toBe(false);
    expect(await isAlive(server, body.access_token)).toBe(false);
    expect(await refresh(server, demoApp, body.refresh_token)).toMatchObject(refused);
  });

  test('a public client without DPoP has 60 s to retry, too', async () => {
    const soon = await tokens(demoCli);
    const first = await refresh(server, demoCli, soon.refresh_token);
    await age(server, soon.refresh_token, 50);
    expect((await refresh(server, demoCli, soon.refresh_token)).body).toEqual(first.body);

    await age(server, soon.refresh_token, 11);
    expect(await refresh(server, demoCli, soon.refresh_token)).toMatchObject(refused);
    expect(await isAlive(server, first.body.access_token)).toBe(false);
  });

  test('the retry window is not prolonged by retries', async () => {
    const { refresh_token: spent } = await tokens();
    await refresh(server, demoApp, spent);
    await age(server, spent, 50);
    expect((await refresh(server, demoApp, spent)).status).toBe(200);
    await age(server, spent, 11);
    expect(await refresh(server, demoApp, spent)).toMatchObject(refused);
  });

  test("a use of the successor's access token leaves the window open", async () => {
    const { refresh_token: spent } = await tokens();
    const first = await refresh(server, demoApp, spent);
    const authorization = `Bearer ${first.body.access_token}`;
    await fetch(`${server.issuer}/oauth/userinfo`, { headers: { authorization } });
    expect(await isAlive(server, first.body.access_token)).toBe(true);
    expect((await refresh(server, demoApp, spent)).body).toEqual(first.body);
  });

  test.each([
    ['0', 0],
    ['300', 300],
  ])('the window is a setting: %s', async (setting, seconds) => {
    const other = await startTestServer({ REFRESH_RETRY_SECONDS: setting });
    onTestFinished(() => other.close());
    await consentTo(other, demoApp, dba, scope, ['acme/shop']);
    const { refresh_token: spent } = await obtainTokens(other, demoApp, dba, scope);
    const first = await refresh(other, demoApp, spent);
    if (seconds > 0) {
      await age(other, spent, seconds - 10);
      expect((await refresh(other, demoApp, spent)).body).toEqual(first.body);
      await age(other, spent, 11);
    }
    expect(await refresh(other, demoApp, spent)).toMatchObject(refused);
    expect(await isAlive(other, first.body.access_token)).toBe(false);
  });

  test('what is kept for a retry outlives the longest window', async () => {
    const { refresh_token: spent } = await tokens();
    await refresh(server, demoApp, spent);
    const [kept] = await server.database.db.query<{ left: number }>(
      statement(`select extract(epoch from expires_at - now())::float8 as left
                   from refresh_retries where token_id = $1`),
      [sha256(spent)],
    );
    expect(kept?.left).toBeGreaterThan(300);
  });

  test('what is refused does not burn a token: resource, scope, client', async () => {
    const { refresh_token: token } = await tokens();
    const cases = [
      [demoApp, { resource: 'https://evil.test' }, 'invalid_target'],
      [demoApp, { scope: 'database:delete_database' }, 'invalid_scope'],
      [tinyApp, {}, 'invalid_grant'],
    ] as const;
    for (const [client, change, error] of cases) {
      expect(await refresh(server, client, token, change)).toMatchObject({ body: { error } });
    }
    expect((await refresh(server, demoApp, token)).status).toBe(200);
  });

  test('a retry is refused once the account is suspended, and works when it is back', async () => {
    const { refresh_token: spent } = await tokens();
    const first = await refresh(server, demoApp, spent);
    await setStatus('suspended');
    expect(await refresh(server, demoApp, spent)).toMatchObject(refused);
    expect(await refresh(server, demoApp, first.body.refresh_token)).toMatchObject(refused);
    await setStatus('active');
    expect((await refresh(server, demoApp, spent)).body).toEqual(first.body);
  });
});

describe('lifetimes', () => {
  test('an access token has an hour, a refresh token 30 days', async () => {
    const { access_token, refresh_token, expires_in } = await tokens();
    const day = 86_400;
    expect(expires_in).toBe(3600);
    expect(await secondsLeft(server, access_token)).toSatisfy((s: number) => s > 3540 && s <= 3600);
    expect(await secondsLeft(server, refresh_token)).toSatisfy(
      (s: number) => s > 30 * day - 60 && s <= 30 * day,
    );
  });

  test('an access token dies after an hour', async () => {
    const { access_token } = await tokens();
    await age(server, access_token, 3601);
    expect(await isAlive(server, access_token)).toBe(false);
  });

  test('a refresh token dies after 30 days without use', async () => {
    const { refresh_token: token } = await tokens();
    await age(server, token, 30 * 86_400 + 5);
    expect(await refresh(server, demoApp, token)).toMatchObject(refused);
  });

  test('a family ends after 365 days, however often it is refreshed', async () => {
    const { refresh_token: token } = await tokens();
    await age(server, token, 29 * 86_400);
    let { body } = await refresh(server, demoApp, token);
    for (let days = 29; days < 348; days += 29) {
      await age(server, body.refresh_token, 29 * 86_400);
      ({ body } = await refresh(server, demoApp, body.refresh_token));
      expect(body.refresh_token).toBeDefined();
    }
    await age(server, body.refresh_token, 17.5 * 86_400);
    expect(await refresh(server, demoApp, body.refresh_token)).toMatchObject(refused);
  });
});

describe('one device and all of them', () => {
  test("revoking one device's token leaves the other's session alive", async () => {
    const [phone, laptop] = [await tokens(), await tokens()];
    await post(server, '/oauth/revoke', demoApp, { token: phone.refresh_token });
    expect(await isAlive(server, phone.access_token)).toBe(false);
    expect(await isAlive(server, laptop.access_token)).toBe(true);
    expect((await refresh(server, demoApp, laptop.refresh_token)).status).toBe(200);
  });

  test('reuse on one device leaves the other alive', async () => {
    const [phone, laptop] = [await tokens(), await tokens()];
    await refresh(server, demoApp, phone.refresh_token);
    await age(server, phone.refresh_token, 61);
    await refresh(server, demoApp, phone.refresh_token);
    expect(await isAlive(server, phone.access_token)).toBe(false);
    expect(await isAlive(server, laptop.access_token)).toBe(true);
  });

  test('withdrawing the consent ends all', async () => {
    const [phone, laptop] = [await tokens(), await tokens()];
    const { code, verifier } = await obtained();
    await withdraw();
    for (const { access_token, refresh_token } of [phone, laptop]) {
      expect(await isAlive(server, access_token)).toBe(false);
      expect(await refresh(server, demoApp, refresh_token)).toMatchObject(refused);
    }
    expect(await redeem(server, demoApp, code, verifier)).toMatchObject(refused);
    await consentTo(server, demoApp, dba, scope, ['acme/shop']);
    expect(await isAlive(server, phone.access_token)).toBe(false);
  });

  test.each(['access_token', 'refresh_token'])(
    'revoking the %s in parallel with a refresh leaves no live token',
    async (member) => {
      for (let round = 0; round < 5; round++) {
        const held = await tokens();
        const [refreshed] = await Promise.all([
          refresh(server, demoApp, held.refresh_token),
          post(server, '/oauth/revoke', demoApp, { token: held[member] }),
        ]);
        const { access_token, refresh_token } = refreshed.body;
        expect(await isAlive(server, held.access_token)).toBe(false);
        if (refreshed.status === 200) {
          expect(await isAlive(server, access_token)).toBe(false);
          expect(await refresh(server, demoApp, refresh_token)).toMatchObject(refused);
        }
      }
    },
  );
});

async function setStatus(status: string): Promise<void> {
  const update = statement('update accounts set status = $2 where email = $1');
  await server.database.db.query(update, [dba, status]);
}

async function withdraw(): Promise<void> {
  const { db } = server.database;
  const [account] = await db.query<{ id: string }>(
    statement('select id from accounts where email = $1'),
    [dba],
  );
  await withdrawConsent(db, { accountId: account?.id ?? '', clientId: demoApp.id });
}
