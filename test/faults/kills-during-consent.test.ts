/**
 * A process is killed in the middle of a consent, at any moment of it: the person stays signed in, and
 * the other process goes on. `FAULT_KILLS` says how often; 50 is the long form.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { allow, authorizationRequest, consentTo, demoApp, obtainCode } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { createUserAgent } from '../support/user-agent.ts';

const kills = Number(process.env['FAULT_KILLS'] ?? 5);
const dba = 'dba@acme.test';
const scope = 'database:read_database';

describe(...onlyOnPostgres('kills in the middle of consent', 'one process alone'), () => {
  const processes = forAllTests(() => startProcesses(2));
  const agent = forAllTests(() => createUserAgent(processes.nodes[0].issuer));

  beforeAll(() => consentTo(processes.nodes[0], demoApp, dba, scope, ['acme/shop']));

  test(`${kills} of them lose no session`, async () => {
    const [one, two = one] = processes.nodes;
    await obtainCode(one, demoApp, dba, scope, agent);
    for (let n = 0; n < kills; n++) {
      const { url } = authorizationRequest(one, demoApp, scope, { prompt: 'consent' });
      const page = await agent.get(url);
      expect({ n, html: page.html }).toMatchObject({
        html: expect.stringContaining('data-consent'),
      });
      const answer = allow(agent, page, ['acme/shop']).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, (n * 37) % 120));
      await processes.crash(0);
      await answer;
      const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
      const account = await fetch(`${two.issuer}/account`, { headers: { cookie } });
      expect({ n, status: account.status }).toEqual({ n, status: 200 });
      expect(await account.text()).toContain(dba);
      await processes.restart(0);
    }
  }, 600_000);
});
