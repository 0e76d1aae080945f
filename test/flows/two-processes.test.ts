/**
 * Two processes on one PostgreSQL: what is used once is used once, and what one process has
 * acknowledged, the other knows. The long form of the races is `npm run soak`.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onPostgres } from '../support/database.ts';
import {
  consentTo,
  demoApi,
  demoApp,
  introspectAs,
  type Node,
  obtainTokens,
  post,
  refresh,
} from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { accessTokens, forkedGrants, raceForCode, raceForRefresh } from '../support/races.ts';
import { createUserAgent, fill, type UserAgent } from '../support/user-agent.ts';

const rounds = 25;
const dba = 'dba@acme.test';
const member = 'member@acme.test';
const scope = 'database:write_branches';
const branch = 'organizations/acme/databases/shop/branches/main';

describe.skipIf(!onPostgres)(
  'two processes (skipped: one embedded database has one process)',
  () => {
    let processes: Processes;
    let one: Node;
    let two: Node;

    beforeAll(async () => {
      processes = await startProcesses(2);
      [one, two = one] = processes.nodes;
      for (const email of [dba, member]) await consentTo(one, demoApp, email, scope, ['acme/shop']);
    });
    afterAll(() => processes.close());

    test(`of 8 parallel uses one wins, ${rounds} times: of a code, then of a refresh token`, async () => {
      const agent = createUserAgent(one.issuer);
      for (let round = 0; round < rounds; round++) {
        const tokens = await raceForCode(processes.nodes, agent, dba, scope);
        await raceForRefresh(processes.nodes, tokens.refresh_token);
      }
      expect(await forkedGrants(one)).toEqual([]);
      expect(await accessTokens(one)).toBe(2 * rounds);
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
  },
);

/** Presses one of the demo's buttons and sees that it is done. */
async function changeRole(agent: UserAgent, change: string): Promise<void> {
  const page = await agent.get('/demo/playground');
  const done = await agent.submit(page, (sent) => fill(sent, 'change', change), '/demo/role');
  expect(done.url).toContain('done=changed');
}
