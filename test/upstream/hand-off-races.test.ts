/** Two processes on one PostgreSQL: a challenge and its answer count once each, wherever they come. */

import { beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import type { Node } from '../support/oauth.ts';
import { startPlatformApp } from '../support/platform-app.ts';
import { startProcesses } from '../support/processes.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { rowsOf } from './providers.ts';

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const platform = forAllTests(startPlatformApp);
  const processes = forAllTests(() =>
    startProcesses(2, { settings: { SIGN_IN_URL: platform.signInUrl } }),
  );
  const one = forAllTests(() => processes.nodes[0]);
  const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);
  beforeAll(() => platform.connect(one, '--sign-in'));

  const eight = <Result>(ask: (node: Node) => Promise<Result>) =>
    Promise.all(Array.from({ length: 8 }, (_, n) => ask(n % 2 ? one : two)));

  test('of 8 namings of one challenge, and of 8 uses of one answer, one counts, 5 times', async () => {
    for (let round = 0; round < 5; round++) {
      const agent = createUserAgent(one.issuer);
      const there = new URL((await agent.get('/sign-in/hand-off')).url);
      const challenge = there.searchParams.get('challenge') ?? '';
      const { id: subject, email } = platform.newPerson();
      const named = await eight((node) => platform.name(challenge, { subject, email }, node));
      expect(named.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(404)]);
      const back = new URL(named.find(({ status }) => status === 200)?.body.redirect_to);
      const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const ends = await eight(({ issuer }) =>
        fetch(issuer + back.pathname + back.search, { redirect: 'manual', headers: { cookie } }),
      );
      const statuses = ends.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([303, ...Array(7).fill(410)]);
      const sessions = await rowsOf(
        one,
        'select from sessions s join accounts a on a.id = s.account_id where a.email = $1',
        email,
      );
      expect(sessions).toHaveLength(1);
    }
  });

  test('8 challenges that name one new person at once make one account', async () => {
    const { id: subject, email } = platform.newPerson();
    const challenges = await eight(async ({ issuer }) => {
      const there = (await createUserAgent(issuer).get(`${issuer}/sign-in/hand-off`)).url;
      return new URL(there).searchParams.get('challenge') ?? '';
    });
    const named = await Promise.all(
      challenges.map((challenge, n) =>
        platform.name(challenge, { subject, email }, n % 2 ? one : two),
      ),
    );
    expect(named.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await rowsOf(one, 'select from accounts where email = $1', email)).toHaveLength(1);
  });
});
