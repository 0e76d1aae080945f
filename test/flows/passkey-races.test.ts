/**
 * Two processes on one PostgreSQL: a challenge signs in once, a counter counts once, and of two removals at
 * once one way in is left.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userHandleOf } from '../../src/accounts/passkeys/sign-in.ts';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { demoPassword } from '../../src/demo/demo-data.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { setPasswordHash } from '../../src/storage/people/accounts.ts';
import { readWaysIn } from '../../src/storage/people/ways-in.ts';
import { emailOf, makeAccount } from '../organizations/world.ts';
import { createPasskey, type SoftPasskey } from '../support/authenticator.ts';
import { onlyOnPostgres } from '../support/database.ts';
import type { Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { openTestBrowser, type TestBrowser } from '../web/test-browser.ts';

describe(...onlyOnPostgres('passkeys on two processes', 'it has one process'), () => {
  let processes: Processes;
  let nodes: readonly Node[];
  let hash: string;
  beforeAll(async () => {
    [processes, hash] = await Promise.all([startProcesses(2), hashPassword(demoPassword)]);
    nodes = processes.nodes;
  });
  afterAll(() => processes.close());

  const db = () => processes.nodes[0].database.db;
  const origin = () => processes.nodes[0].issuer;

  /** One browser, as each process sees it. */
  function browsers(): [TestBrowser, TestBrowser] {
    const [one, two] = nodes.map(({ issuer }) => openTestBrowser(issuer));
    if (one === undefined || two === undefined) throw new Error('there are two');
    return [one, two];
  }

  const share = (from: TestBrowser, to: TestBrowser) => {
    for (const [name, value] of from.cookies) to.cookies.set(name, value);
  };

  async function challengeAt(browser: TestBrowser, path: string): Promise<string> {
    return JSON.parse((await browser.open(path)).text).challenge;
  }

  /** Somebody with a password who is signed in, and a passkey. */
  async function person() {
    const accountId = await makeAccount(db());
    await setPasswordHash(db(), accountId, hash);
    const [one, two] = browsers();
    await one.open('/sign-in');
    await one.send('/sign-in', { email: emailOf(accountId), password: demoPassword });
    const passkey = await add(one);
    return { accountId, one, two, passkey };
  }

  async function add(browser: TestBrowser): Promise<SoftPasskey> {
    const passkey = createPasskey();
    await browser.open('/account/security');
    const challenge = await challengeAt(browser, '/account/security/passkeys/options');
    const credential = passkey.make({ challenge, origin: origin() });
    const { location } = await browser.send('/account/security/passkeys', { credential });
    expect(location).toBe('/account/security?done=added');
    return passkey;
  }

  test('of 8 uses of one challenge, in forms of their own, one signs in', async () => {
    for (let round = 0; round < 5; round++) {
      const { accountId, passkey } = await person();
      const [one, two] = browsers();
      await one.open('/sign-in');
      share(one, two);
      const challenge = await challengeAt(one, '/sign-in/passkey/options');
      const userHandle = userHandleOf(accountId);
      const credential = passkey.use({ challenge, origin: origin(), userHandle });
      const lanes = await Promise.all(
        Array.from({ length: 8 }, async (_, n) => {
          const lane = openTestBrowser(nodes[n % 2]?.issuer ?? '');
          share(one, lane);
          await lane.open('/sign-in'); // another page, hence another form
          return lane;
        }),
      );
      const answers = await Promise.all(lanes.map((lane) => lane.send('/sign-in', { credential })));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(7).fill(422)]);
    }
  });

  test('of 8 uses at once with one counter, one signs in', async () => {
    const { passkey } = await person();
    const lanes = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const lane = openTestBrowser(nodes[n % 2]?.issuer ?? '');
        await lane.open('/sign-in');
        const challenge = await challengeAt(lane, '/sign-in/passkey/options');
        return { lane, credential: passkey.use({ challenge, origin: origin(), counter: 5 }) };
      }),
    );
    const answers = await Promise.all(
      lanes.map(({ lane, credential }) => lane.send('/sign-in', { credential })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(7).fill(422)]);
  });

  test('password and passkey removed at once on both: one way in is left, 10 times', async () => {
    for (let round = 0; round < 10; round++) {
      const { accountId, one, two, passkey } = await person();
      const [{ id = '' } = {}] = await db().query<{ id: string }>(
        statement('select id from passkeys where account_id = $1'),
        [accountId],
      );
      await one.open('/sign-in?again=yes');
      const challenge = await challengeAt(one, '/sign-in/passkey/options');
      const credential = passkey.use({ challenge, origin: origin() });
      await one.send('/sign-in?again=yes', { credential });
      await one.open('/account/security');
      share(one, two);
      await two.open('/account/security');
      const answers = await Promise.all([
        one.send('/account/security/password/remove'),
        two.send(`/account/security/passkeys/${id}/remove`),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
      const { hasPassword, passkeys } = await readWaysIn(db(), accountId, 'localhost');
      expect(Number(hasPassword) + passkeys).toBe(1);
    }
  });
});
