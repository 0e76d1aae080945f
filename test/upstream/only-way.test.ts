/** A provider as the only way in: no passwords, sign-in goes straight there, and applications' requests go on. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { addAccount } from '../accounts/people.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  demoApi,
  demoApp,
  introspectAs,
  redeem,
} from '../support/oauth.ts';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { startTestServer } from '../support/server.ts';
import { texts } from '../support/texts.ts';
import { createUserAgent, fill, type UserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson, rowsOf, signInThere } from './providers.ts';

const server = forAllTests(() => startTestServer({ PASSWORDS: 'off' }));
const provider = forAllTests(startScriptedProvider);
let agent: UserAgent;
beforeEach(() => {
  agent = createUserAgent(server.issuer);
});
afterEach(() => provider.lie({}));

test('until there is a way, the page says that nobody can sign in yet', async () => {
  const page = await agent.get('/sign-in');
  expect(page.html).toContain('Nobody can sign in here yet.');
  expect(page.html).not.toContain('type="password"');
  await addProvider(server, provider, '--trust', 'trusted.test');
});

test('sign-in goes straight there, from a page and from an application', async () => {
  const request = authorizationRequest(server, demoApp, 'openid user:read_user');
  for (const from of ['/account', '/sign-in', request.url]) {
    const there = new URL((await createUserAgent(server.issuer).get(from)).url);
    expect(there.origin + there.pathname).toBe(`${provider.issuer}/authorize`);
  }
});

test('a provider that is down does not send anybody round in a circle', async () => {
  const lost = await startTestServer({ PASSWORDS: 'off' });
  const gone = await startScriptedProvider();
  await addProvider(lost, gone);
  await gone.close();
  const page = await createUserAgent(lost.issuer).get('/account');
  expect([page.status, page.html.includes('Try again')]).toEqual([503, true]);
  expect(page.html).not.toContain('Other ways to sign in');
  const { url } = authorizationRequest(lost, demoApp, 'openid');
  const asked = await createUserAgent(lost.issuer).get(url);
  expect([asked.status, asked.html.includes('Back to the app')]).toEqual([503, true]);
  await lost.close();
});

describe('an application’s request', () => {
  const scope = 'openid user:read_user';

  test('goes on to the consent and the tokens', async () => {
    const { url, verifier } = authorizationRequest(server, demoApp, scope);
    const there = await agent.get(url);
    const person = newPerson();
    const consent = await agent.get(provider.signIn(there.url, person));
    expect(consent.html).toContain(person.email);
    const callback = callbackOf(await allow(agent, consent));
    const { body } = await redeem(server, demoApp, callback.get('code') ?? '', verifier);
    expect(await introspectAs(server, demoApi, body.access_token)).toMatchObject({ active: true });
  });

  test('asks the provider to ask again where an older sign-in does not do', async () => {
    for (const change of [{ prompt: 'login' }, { max_age: '60' }] as Record<string, string>[]) {
      const { url } = authorizationRequest(server, demoApp, scope, change);
      const there = new URL((await createUserAgent(server.issuer).get(url)).url).searchParams;
      expect(there.get('prompt')).toBe('login');
    }
    const { url } = authorizationRequest(server, demoApp, scope, { login_hint: 'a@trusted.test' });
    const there = new URL((await agent.get(url)).url).searchParams;
    expect([there.get('prompt'), there.get('login_hint')]).toEqual([null, 'a@trusted.test']);
  });

  test('is given up from the page of a failure', async () => {
    const { url } = authorizationRequest(server, demoApp, scope);
    const there = await agent.get(url);
    provider.lie({ claims: { aud: 'another' } });
    const page = await agent.get(provider.signIn(there.url, newPerson()));
    expect(page.status).toBe(502);
    const end = await agent.submit(page, (fields) => fill(fields, 'action', 'cancel'));
    expect(callbackOf(end).get('error')).toBe('access_denied');
  });

  test('that ends with signing out goes on to the application after the provider', async () => {
    await signInThere(agent, provider, newPerson());
    await rowsOf(
      server,
      'update clients set metadata = metadata || $2::jsonb where id = $1',
      demoApp.id,
      { postLogoutRedirectUris: ['http://localhost:8765/signed-out'] },
    );
    const query = new URLSearchParams({
      client_id: demoApp.id,
      post_logout_redirect_uri: 'http://localhost:8765/signed-out',
      state: 's',
    });
    const there = await agent.submit(await agent.get(`/oauth/end-session?${query}`));
    const sent = new URL(there.url);
    expect(sent.origin).toBe(provider.issuer);
    const back = sent.searchParams.get('post_logout_redirect_uri') ?? '';
    const end = await agent.get(`${back}?state=${sent.searchParams.get('state')}`);
    expect(end.url).toBe('http://localhost:8765/signed-out?state=s');
  });
});

test('a password signs nobody in, whatever form it comes from', async () => {
  const other = await startTestServer();
  const page = await createUserAgent(other.issuer).get('/sign-in');
  await other.close();
  const token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const answer = await fetch(`${server.issuer}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token, email: 'member@acme.test', password: 'usher-demo' }),
  });
  expect(answer.status).toBe(403);
});

test('the link of an operator still lets in', async () => {
  const run = commandsOn(server.database.db, server.issuer);
  const { link } = await run('operator', 'add', freshEmail());
  const page = await agent.get(new URL(String(link)).pathname);
  const done = await agent.submit(page, (fields) => fill(fields, 'password', 'a long one 12345'));
  expect(done.url).toContain('/account?done=set-up');
  expect(done.html).not.toContain('name="current_password"');
});

test('an invitation is answered after signing in there, and takes no password', async () => {
  const { db } = server.database;
  const world = await makeWorld(db);
  const person = newPerson();
  const wish = { email: person.email ?? '', role: 'organization_member' } as const;
  const admin = inSession(world.accounts.admin);
  const { id } = await invite(db, admin, world.ids.organizationId, wish);
  const mail = await composeInvitation(db, id, { issuer: server.issuer, messages: texts });
  const link = /\/invitations\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '';
  const page = await agent.get(link);
  expect(page.html).not.toContain('type="password"');
  const next = encodeURIComponent(link);
  const back = await signInThere(agent, provider, person, `/sign-in?next=${next}`);
  const done = await agent.submit(back, (fields) => fill(fields, 'action', 'accept'));
  expect(done.url).toContain('done=joined');
});

test('whoever made an account in an owner’s name elsewhere has nothing of it once the owner comes', async () => {
  const passwords = await startTestServer();
  const scripted = await startScriptedProvider();
  await addProvider(passwords, scripted);
  const { db } = passwords.database;
  const email = `owner-${Date.now()}@untrusted.test`;
  const stranger = createUserAgent(passwords.issuer);
  const person = newPerson({ email });
  await signInThere(stranger, scripted, person);
  const world = await makeWorld(db);
  const wish = { email, role: 'organization_member' } as const;
  const { id } = await invite(db, inSession(world.accounts.admin), world.ids.organizationId, wish);
  const parts = { issuer: passwords.issuer, messages: texts };
  const mail = await composeInvitation(db, id, parts);
  const link = /\/invitations\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '';
  const owner = createUserAgent(passwords.issuer);
  const done = await owner.submit(await owner.get(link), (fields) =>
    fill(fill(fields, 'name', 'The owner'), 'password', 'the owner’s own password'),
  );
  expect(done.url).toContain('done=joined');
  expect((await stranger.get('/account')).url).toContain('/sign-in');
  expect((await signInThere(stranger, scripted, person)).status).toBe(403);
  await scripted.close();
  await passwords.close();
});

test('a bound account is not bound to a second person there', async () => {
  const person = newPerson();
  await addAccount(server.database.db, { email: person.email ?? '' });
  await signInThere(agent, provider, person);
  const again = await signInThere(
    createUserAgent(server.issuer),
    provider,
    newPerson({ email: person.email }),
  );
  expect(again.status).toBe(403);
});
