/** Forms of the account sent four times at once to two processes: one answer for all, and no error. */

import { beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../src/storage/people/accounts.ts';
import { addAccount, password } from '../accounts/people.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApp } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { signedInAs, signInBy } from '../support/sign-in.ts';
import { submitAtOnce } from '../support/submit-twice.ts';
import { createUserAgent, type Fields, type UserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson, rowsOf, signInThere } from '../upstream/providers.ts';

interface Somebody {
  readonly agent: UserAgent;
  readonly account: Account;
}

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  const provider = forAllTests(startScriptedProvider);
  const one = forAllTests(() => processes.nodes[0]);
  const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);
  beforeAll(() => addProvider(one, provider, '--trust', 'trusted.test'));

  async function somebody(): Promise<Somebody> {
    const account = await addAccount(one.database.db);
    return { agent: await signedInAs(one, account.email, password), account };
  }

  /** Signed in by the provider, and with a password beside it. */
  async function somebodyConnected(): Promise<Somebody> {
    const person = newPerson();
    const account = await addAccount(one.database.db, { email: person.email ?? '' });
    const agent = createUserAgent(one.issuer);
    await signInThere(agent, provider, person);
    return { agent, account };
  }

  /** Where the browser is sent on to, whichever process says so; the rest of the page does not count. */
  const placeOf = (url: string) => {
    const { origin, pathname, search } = new URL(url);
    return (origin === provider.issuer ? origin : '') + pathname + search;
  };

  async function expectOneAnswer(
    { agent }: Somebody,
    path: string,
    action: string,
    end: RegExp,
    change = (fields: Fields) => fields,
  ): Promise<void> {
    const page = await agent.get(path);
    expect(page.status).toBe(200);
    const presses = [one, two, one, two].map((node) => ({ change, action, node }));
    const { pages } = await submitAtOnce(agent, page, presses);
    expect(pages.filter(({ status }) => status >= 400)).toEqual([]);
    const places = new Set(pages.map(({ url }) => placeOf(url)));
    expect([...places]).toEqual([expect.stringMatching(end)]);
  }

  const events = (action: string, { account }: Somebody) =>
    rowsOf(
      one,
      'select from audit_events where action = $1 and actor_account_id = $2',
      action,
      account.id,
    );

  test('one other session ends, or all others, from either page', async () => {
    const who = await somebody();
    await signInBy(createUserAgent(one.issuer), who.account.email, password);
    const sessions = '/account/sessions';
    await expectOneAnswer(who, sessions, `${sessions}/end`, /^\/account\/sessions\?done=ended$/);
    expect(await events('session.ended', who)).toHaveLength(1);
    await signInBy(createUserAgent(one.issuer), who.account.email, password);
    await expectOneAnswer(who, sessions, `${sessions}/others`, /\?done=others$/);
    await signInBy(createUserAgent(one.issuer), who.account.email, password);
    await expectOneAnswer(who, '/account', sessions, /^\/account\?done=sessions$/);
    expect(await events('sessions.ended', who)).toHaveLength(2);
  });

  test('an application loses its access', async () => {
    const who = await somebody();
    await consentTo(one, demoApp, who.account.email, 'openid user:read_user', ['user']);
    const path = '/account/applications';
    await expectOneAnswer(who, path, `${path}/withdraw`, /\?done=withdrawn$/);
    expect(await rowsOf(one, 'select from consents where account_id = $1', who.account.id)).toEqual(
      [],
    );
  });

  test('the offer of a passkey is declined', async () => {
    const who = await somebody();
    const offer = '/account/passkey?next=/account/sessions';
    await expectOneAnswer(who, offer, '/account/passkey/decline', /^\/account\/sessions$/);
  });

  test('an account at a provider is disconnected, and another one is begun with', async () => {
    const who = await somebodyConnected();
    const path = '/account/connections';
    await expectOneAnswer(who, path, `${path}/acme/remove`, /\?done=disconnected$/);
    expect(await events('identity.disconnected', who)).toHaveLength(1);
    await expectOneAnswer(who, path, `${path}/acme`, /\/authorize\?.*state=usher_state_/);
  });

  test('signing out, here and at the provider where it began', async () => {
    await expectOneAnswer(await somebody(), '/sign-out', '/sign-out', /^\/$/);
    const who = await somebodyConnected();
    await expectOneAnswer(who, '/sign-out', '/sign-out', /\/end-session\?.*state=usher_state_/);
    const forApplication = await somebodyConnected();
    const path = '/oauth/end-session?client_id=demo-app';
    await expectOneAnswer(forApplication, path, '/sign-out/application', /\/end-session\?.*state=/);
    for (const { agent } of [who, forApplication])
      expect((await agent.get('/account')).url).toContain('/sign-in');
  });
});
