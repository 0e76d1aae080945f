/**
 * A server that refuses writes, as a standby does and a primary that was fenced off: nodes on it are not
 * ready, whatever writes is 503 with a time to retry, and what only reads is answered.
 */

import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  type Node,
  obtainCode,
  obtainTokens,
  post,
  redeem,
  refresh,
  tinyApp,
} from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
const html = { accept: 'text/html' };

describe(
  ...onlyOnPostgres('a server that cannot write', 'the embedded database has no standby'),
  () => {
    const processes = forAllTests(() => startProcesses(2));
    const one = forAllTests(() => processes.nodes[0]);
    const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);
    const agent = forAllTests(() => createUserAgent(one.issuer));

    beforeAll(() => consentTo(one, demoApp, dba, scope, ['acme/shop']));

    /** Runs as the administrator, from another database; then ends all connections to this one. */
    async function setReadOnly(isReadOnly: boolean): Promise<void> {
      const url = new URL(one.database.address.connection.connectionString ?? '');
      const name = url.pathname.slice(1);
      const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
      await client.connect();
      await client.query(
        isReadOnly
          ? `alter database ${name} set default_transaction_read_only = on`
          : `alter database ${name} reset default_transaction_read_only`,
      );
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [name],
      );
      await client.end();
    }

    const ready = async ({ issuer }: Node) => (await fetch(`${issuer}/readyz`)).status;
    const cookie = () => [...agent.cookies].map((pair) => pair.join('=')).join('; ');
    const page = (path: string) =>
      fetch(two.issuer + path, { headers: { ...html, cookie: cookie() } });

    test('is 503 on every path that writes, pages included, and read from on all others', async () => {
      const tokens = await obtainTokens(one, demoApp, dba, scope, agent);
      const { code, verifier } = await obtainCode(one, demoApp, dba, scope, agent);
      const consenting = await agent.get(authorizationRequest(one, tinyApp, scope).url);
      const stranger = createUserAgent(one.issuer);
      const signingIn = await stranger.get(authorizationRequest(one, demoApp, scope).url);
      const token = tokens.access_token;
      await setReadOnly(true);

      expect(await Promise.all([one, two].map(ready))).toEqual([503, 503]);
      const registration = { client_name: 'New', redirect_uris: ['https://a.example/cb'] };
      const programs: Record<string, () => Promise<{ status: number; headers: Headers }>> = {
        redeem: () => redeem(two, demoApp, code, verifier),
        refresh: () => refresh(two, demoApp, tokens.refresh_token),
        redeemAsPage: () =>
          post(
            two,
            '/oauth/token',
            demoApp,
            { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
            html,
          ),
        revoke: () => post(two, '/oauth/revoke', demoApp, { token }),
        revokeAsPage: () => post(two, '/oauth/revoke', demoApp, { token }, html),
        pushed: () => post(two, '/oauth/par', demoApp, pushed()),
        pushedAsPage: () => post(two, '/oauth/par', demoApp, pushed(), html),
        register: () =>
          fetch(`${two.issuer}/oauth/register`, {
            method: 'POST',
            headers: { ...html, 'content-type': 'application/json' },
            body: JSON.stringify(registration),
          }),
      };
      for (const [name, call] of Object.entries(programs)) {
        const { status, headers } = await call();
        expect([name, status]).toEqual([name, 503]);
        expect([name, headers.get('retry-after')]).toEqual([name, expect.stringMatching(/^\d+$/)]);
        expect([name, headers.get('content-type')]).toEqual([
          name,
          expect.stringContaining('json'),
        ]);
      }

      const path = (address: string) => address.replace(one.issuer, '');
      const request = (client = demoApp) => path(authorizationRequest(one, client, scope).url);
      const pages: Record<string, () => Promise<{ status: number; headers: Headers }>> = {
        authorize: () => page(request()),
        authorizeOther: () => page(request(tinyApp)),
        authorizeAsStranger: () => stranger.get(request()),
        silent: () => page(`${request()}&prompt=none`),
        consent: () => allowAll(consenting),
        signIn: () => signIn(stranger, signingIn),
      };
      for (const [name, call] of Object.entries(pages)) {
        const { status, headers } = await call();
        expect([name, status]).toEqual([name, 503]);
        expect([name, headers.get('retry-after')]).toEqual([name, expect.stringMatching(/^\d+$/)]);
        expect([name, headers.get('content-type')]).toEqual([
          name,
          expect.stringContaining('html'),
        ]);
      }

      expect((await page('/account')).status).toBe(200);
      for (const node of [one, two]) {
        const { body } = await post(node, '/oauth/introspect', demoApi, { token });
        expect(body.active).toBe(true);
      }
    });

    test('is served from again as soon as it writes', async () => {
      await setReadOnly(false);
      await expect.poll(() => Promise.all([one, two].map(ready))).toEqual([200, 200]);
      const { access_token } = await obtainTokens(two, demoApp, dba, scope, agent);
      expect((await post(one, '/oauth/revoke', demoApp, { token: access_token })).status).toBe(200);
    });

    const pushed = () =>
      Object.fromEntries(new URL(authorizationRequest(one, demoApp, scope).url).searchParams);
    const allowAll = (shown: Page) =>
      agent.submit(shown, (fields) => fill(fields, 'action', 'allow'));
    const signIn = (who: UserAgent, shown: Page) => enterPassword(who, shown, dba);
  },
);
