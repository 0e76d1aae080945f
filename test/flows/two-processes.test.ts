/**
 * Two processes on one PostgreSQL: what is used once is used once, and what one process has
 * acknowledged, the other knows. The long form of the races is `npm run soak`.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { postWithAssertion, registerWithKey } from '../support/assertions.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  type Answer,
  consentTo,
  demoApi,
  demoApp,
  demoCli,
  introspectAs,
  type Node,
  obtainTokens,
  post,
  refresh,
} from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { accessTokens, forkedGrants, raceForCode, raceForRefresh } from '../support/races.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill, type UserAgent } from '../support/user-agent.ts';

const rounds = 25;
const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'database:write_branches';
const branch = 'organizations/acme/databases/shop/branches/main';

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  const one = forAllTests(() => processes.nodes[0]);
  const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);

  beforeAll(async () => {
    for (const email of [dba, member]) await consentTo(one, demoApp, email, scope, ['acme/shop']);
  });

  const onBoth = (send: (node: Node, n: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: 8 }, (_, n) => send(n % 2 === 0 ? one : two, n)));

  /** Refresh tokens of as many grants. */
  async function refreshTokens(count: number, agent: UserAgent): Promise<string[]> {
    const tokens: string[] = [];
    for (let n = 0; n < count; n++) {
      tokens.push((await obtainTokens(one, demoApp, dba, scope, agent)).refresh_token);
    }
    return tokens;
  }

  test(`of 8 parallel uses one wins, ${rounds} times: of a code, then of a refresh token`, async () => {
    const agent = createUserAgent(one.issuer);
    for (let round = 0; round < rounds; round++) {
      const tokens = await raceForCode(processes.nodes, agent, dba, scope);
      await raceForRefresh(processes.nodes, tokens.refresh_token);
    }
    expect(await forkedGrants(one)).toEqual([]);
    expect(await accessTokens(one)).toBe(2 * rounds);
  });

  test('32 parallel refreshes over both get one answer, of a public client, too', async () => {
    await consentTo(one, demoCli, dba, scope, ['acme/shop']);
    for (const client of [demoApp, demoCli]) {
      let { refresh_token: token } = await obtainTokens(one, client, dba, scope);
      for (let round = 0; round < 3; round++) {
        token = (await raceForRefresh(processes.nodes, token, { client, count: 32 })).refresh_token;
      }
      expect((await refresh(two, client, token)).status).toBe(200);
    }
    expect(await forkedGrants(one)).toEqual([]);
  });

  test('a proof or an assertion is taken by one of 8 requests to both', async () => {
    const key = await createDpopKey();
    const client = await registerWithKey(one);
    const nobody = { grant_type: 'refresh_token', refresh_token: 'usher_rt_nobody' };
    const agent = createUserAgent(one.issuer);
    for (let round = 0; round < 5; round++) {
      const proof = await key.proof(`${one.issuer}/oauth/token`);
      const tokens = await refreshTokens(8, agent);
      const proven = await onBoth((node, n) => refresh(node, demoApp, tokens[n] ?? '', {}, proof));
      expect(proven.filter(({ status }) => status === 200)).toHaveLength(1);

      const assertion = await client.assertion();
      const asserted = await onBoth((node) =>
        postWithAssertion(node, '/oauth/token', assertion, nobody),
      );
      expect(asserted.filter(({ status }) => status === 400)).toHaveLength(1);
      expect(asserted.filter(({ status }) => status === 401)).toHaveLength(7);
    }
  });

  test('of 40 guesses at one account, sent to both at once, ten are looked at', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => guess(n % 2 === 0 ? one : two)),
    );
    expect(answers.filter((status) => status === 422)).toHaveLength(10);
    expect(answers.filter((status) => status === 429)).toHaveLength(30);
  });

  test('both publish the same keys, under the same issuer', async () => {
    for (const path of ['/oauth/jwks', '/.well-known/oauth-authorization-server']) {
      const [first, second] = await Promise.all(
        processes.nodes.map(async ({ issuer }) => (await fetch(issuer + path)).text()),
      );
      expect(second).toBe(first);
    }
  });

  test('a session of one process is one of the other', async () => {
    const agent = createUserAgent(one.issuer);
    await obtainTokens(one, demoApp, dba, scope, agent);
    const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
    const page = await fetch(`${two.issuer}/account`, { headers: { cookie } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(dba);
  });

  test('a token of one process is refreshed and revoked by the other', async () => {
    const { access_token, refresh_token } = await obtainTokens(one, demoApp, dba, scope);
    const { body } = await refresh(two, demoApp, refresh_token);
    expect((await post(two, '/oauth/revoke', demoApp, { token: access_token })).status).toBe(200);
    for (const node of processes.nodes) {
      expect(await introspectAs(node, demoApi, body.access_token)).toEqual({ active: false });
    }
  });

  test('a role that one process has changed is in every answer of both that starts after it', async () => {
    const agent = createUserAgent(one.issuer);
    const { access_token: token } = await obtainTokens(one, demoApp, member, scope, agent);
    for (let round = 0; round < rounds; round++) {
      const isAdmin = round % 2 === 0;
      await changeRole(agent, isAdmin ? 'database_admin' : 'no_role');
      const answers = await Promise.all(
        [two, one, two, two].map((node) => introspectAs(node, demoApi, token, branch)),
      );
      for (const answer of answers) expect(answer.scope).toBe(isAdmin ? scope : undefined);
    }
  });
});

/** Presses one of the demo's buttons and sees that it is done. */
async function changeRole(agent: UserAgent, change: string): Promise<void> {
  const page = await agent.get('/demo/playground');
  const done = await agent.submit(page, (sent) => fill(sent, 'change', change), '/demo/role');
  expect(done.url).toContain('done=changed');
}

/** A wrong password for an account that nobody has, from a browser of its own. */
async function guess({ issuer }: Node): Promise<number> {
  const agent = createUserAgent(issuer);
  const wrong = await signInBy(agent, 'nobody@acme.test', 'a wrong guess');
  return wrong.status;
}
