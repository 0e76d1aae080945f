/** Forms of the account sent four times at once to two processes: one answer for all, and no error. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../src/storage/people/accounts.ts';
import { addAccount, password } from '../accounts/people.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { consentTo, demoApp, type Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';
import { submitAtOnce } from '../support/submit-twice.ts';
import { createUserAgent, type Fields, fill, type UserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson, rowsOf, signInThere } from '../upstream/providers.ts';

interface Somebody {
  readonly agent: UserAgent;
  readonly account: Account;
}

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  let processes: Processes;
  let provider: ScriptedProvider;
  let one: Node;
  let two: Node;
  beforeAll(async () => {
    processes = await startProcesses(2);
    [one, two = one] = processes.nodes;
    provider = await startScriptedProvider();
    await addProvider(one, provider, '--trust', 'trusted.test');
  });
  afterAll(() => provider.close().then(() => processes.close()));

  async function somebody(): Promise<Somebody> {
    const account = await addAccount(one.database.db);
    const agent = createUserAgent(one.issuer);
    await signIn(agent, account.email);
    return { agent, account };
  }

  async function signIn(agent: UserAgent, email: string): Promise<void> {
    await agent.submit(await agent.get('/sign-in'), (fields) =>
      fill(fill(fields, 'email', email), 'password', password),
    );
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
    await signIn(createUserAgent(one.issuer), who.account.email);
    const sessions = '/account/sessions';
    await expectOneAnswer(who, sessions, `${sessions}/end`, /^\/account\/sessions\?done=ended$/);
    expect(await events('session.ended', who)).toHaveLength(1);
    await signIn(createUserAgent(one.issuer), who.account.email);
    await expectOneAnswer(who, sessions, `${sessions}/others`, /\?done=others$/);
    await signIn(createUserAgent(one.issuer), who.account.email);
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
