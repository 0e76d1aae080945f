/** Two processes on one PostgreSQL: what a provider sends back counts once, and a logout there counts on both. */

import { beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { startProcesses } from '../support/processes.ts';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson, rowsOf, signInThere } from './providers.ts';

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  const provider = forAllTests(startScriptedProvider);
  const one = forAllTests(() => processes.nodes[0]);
  const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);
  beforeAll(() => addProvider(one, provider));

  test('of 8 uses of one state one gives a session, 5 times', async () => {
    for (let round = 0; round < 5; round++) {
      const agent = createUserAgent(one.issuer);
      const there = await agent.get('/sign-in/provider/acme');
      const person = newPerson();
      const back = new URL(provider.signIn(there.url, person));
      recordSecret('state', back.searchParams.get('state') ?? '');
      const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          fetch((n % 2 ? one : two).issuer + back.pathname + back.search, {
            redirect: 'manual',
            headers: { cookie },
          }),
        ),
      );
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([303, ...Array(7).fill(410)]);
      const sessions = await rowsOf(
        one,
        'select from provider_sessions where subject = $1',
        person.sub,
      );
      expect(sessions).toHaveLength(1);
    }
  });

  test('a logout that one of them is told of is known to the other at the next question', async () => {
    const agent = createUserAgent(one.issuer);
    const person = newPerson();
    await signInThere(agent, provider, person);
    expect((await agent.get(`${two.issuer}/account`)).status).toBe(200);
    const answer = await fetch(`${one.issuer}/sign-in/provider/acme/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: await provider.logoutToken({ sub: person.sub }) }),
    });
    expect(answer.status).toBe(200);
    expect((await agent.get(`${two.issuer}/account`)).url).toContain('/sign-in');
  });
});
