/** A platform that runs oidc-provider, set up as the guide says: signing in, connecting, signing out. */

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startRealProvider } from '../support/real-provider.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { addProvider, rowsOf } from './providers.ts';

const people = {
  '4711': { email: 'ada@trusted.test', name: 'Ada' },
  '4712': { email: 'grace@elsewhere.test', name: 'Grace' },
  '4713': { email: 'alan@trusted.test', name: 'Alan' },
};

const server = forAllTests(startTestServer);
const provider = forAllTests(() => startRealProvider(people));
let agent: UserAgent;
let there: UserAgent;
beforeAll(async () => {
  provider.register(await addProvider(server, provider, '--trust', 'trusted.test'));
});
beforeEach(() => {
  agent = createUserAgent(server.issuer);
});

/** Goes to the provider by a page that leads there, and comes back. */
async function throughProvider(page: Page): Promise<Page> {
  expect(page.url.startsWith(provider.issuer)).toBe(true);
  const back = await there.get(page.url);
  expect(back.url.startsWith(server.issuer)).toBe(true);
  return agent.get(back.url);
}

async function signIn(subject: string, next = '/account'): Promise<Page> {
  there = provider.browserOf(subject);
  const page = await agent.get(`/sign-in?next=${next}`);
  const [, way = ''] = /href="(\/sign-in\/provider\/acme[^"]*)"/.exec(page.html) ?? [];
  return throughProvider(await agent.get(way.replaceAll('&amp;', '&')));
}

/** The provider asks whether to sign out there, too. */
async function signOutThere(page: Page): Promise<Page> {
  const asked = await there.get(page.url);
  return there.submit(asked, (fields) => fill(fields, 'logout', 'yes'));
}

describe('signing in', () => {
  test('makes an account, by which the person is known again', async () => {
    const first = await signIn('4711', '/account/sessions');
    expect(first.url).toBe(`${server.issuer}/account/sessions`);
    expect((await agent.get('/account')).html).toContain('ada@trusted.test');
    agent = createUserAgent(server.issuer);
    await signIn('4711');
    const rows = await rowsOf(
      server,
      `select a.name, a.email_verified_at is not null as proven, i.subject from accounts a
         join external_identities i on i.account_id = a.id where i.issuer = $1`,
      provider.issuer,
    );
    expect(rows).toEqual([{ name: 'Ada', proven: true, subject: '4711' }]);
  });

  test('keeps how it was done there', async () => {
    await signIn('4711');
    const [session] = await rowsOf(
      server,
      `select payload -> 'amr' as amr, payload ->> 'acr' as acr from sessions s
         join external_identities i on i.account_id = s.account_id order by s.created_at desc limit 1`,
    );
    expect(session).toEqual({ amr: ['mfa', 'otp', 'pwd'], acr: 'phr' });
  });
});

test('an account that is there is connected from its own session', async () => {
  const { email } = await addAccount(server.database.db, { email: 'grace@elsewhere.test' });
  expect((await signIn('4712')).status).toBe(403);
  await signInBy(agent, email, password);
  const page = await agent.get('/account/connections');
  const leading = await agent.submit(page, undefined, '/account/connections/acme');
  expect((await throughProvider(leading)).html).toContain('Connected.');
  agent = createUserAgent(server.issuer);
  await signIn('4712');
  expect((await agent.get('/account')).html).toContain(email);
});

describe('signing out', () => {
  test('here goes on to the provider, and comes back', async () => {
    await signIn('4713');
    const leading = await agent.submit(await agent.get('/sign-out'), undefined, '/sign-out');
    expect(leading.url.startsWith(`${provider.issuer}/session/end?`)).toBe(true);
    const back = await signOutThere(leading);
    expect(back.url.startsWith(`${server.issuer}/sign-in/provider/acme/signed-out?`)).toBe(true);
    expect((await agent.get(back.url)).status).toBe(200);
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('there ends the session here', async () => {
    await signIn('4713');
    const other = agent;
    const otherThere = there;
    agent = createUserAgent(server.issuer);
    await signIn('4711');
    there = otherThere;
    await signOutThere(await there.get('/session/end'));
    expect((await other.get('/account')).url).toContain('/sign-in');
    expect((await agent.get('/account')).html).toContain('ada@trusted.test');
  });
});
