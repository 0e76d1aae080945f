/** Signing in with an account at an OpenID provider: who is who here, and every lie that gives no session. */

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { suspendAccount } from '../../src/applications/suspend-account.ts';
import { printId } from '../../src/lib/ids.ts';
import { changeAccountStatus } from '../../src/storage/people/accounts.ts';
import { addAccount, password } from '../accounts/people.ts';
import { newestMail } from '../flows/mailed-links.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startScriptedProvider } from '../support/scripted-provider.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { addProvider, newPerson, rowsOf, signInThere } from './providers.ts';

const server = forAllTests(startTestServer);
const provider = forAllTests(startScriptedProvider);
let agent: UserAgent;
beforeAll(() => addProvider(server, provider, '--trust', 'trusted.test'));
beforeEach(() => {
  agent = createUserAgent(server.issuer);
});
afterEach(() => provider.lie({}));

const rows = (sql: string, ...values: unknown[]) => rowsOf(server, sql, ...values);
/** Of somebody who is in no organization. */
const home = () => `${server.issuer}/organizations`;
const whoIs = async (by = agent) => (await by.get('/account')).html;
const accountOf = async (email: string | undefined) =>
  (await rows('select * from accounts where email = $1', email))[0];

async function signInByPassword(email: string, by = agent, secret = password): Promise<void> {
  await signInBy(by, email, secret);
}

describe('somebody new', () => {
  test('gets an account, is known again by the subject, and goes on to where they were going', async () => {
    const person = newPerson();
    const page = await signInThere(
      agent,
      provider,
      person,
      '/sign-in/provider/acme?next=/account/applications',
    );
    expect(page.url).toBe(`${server.issuer}/account/applications`);
    const account = await accountOf(person.email);
    expect(account).toMatchObject({ name: 'Pat Doe', password_hash: null, status: 'active' });
    expect(account?.['email_verified_at']).toBeInstanceOf(Date);
    const again = createUserAgent(server.issuer);
    await signInThere(again, provider, { ...person, email: 'elsewhere@other.test', name: 'New' });
    expect(await whoIs(again)).toContain(person.email);
  });

  test('hears by mail of a device that is new, not of the first one and not of a known one', async () => {
    const person = newPerson();
    await signInThere(agent, provider, person);
    await agent.submit(await agent.get('/sign-out'));
    await signInThere(agent, provider, person);
    expect(await newestMail(server, person.email ?? '')).toBeUndefined();
    await signInThere(createUserAgent(server.issuer), provider, person);
    const told = await newestMail(server, person.email ?? '');
    expect(told?.subject).toBe('New sign-in to your account');
  });

  test('has an unproven address where the provider is not trusted for the domain', async () => {
    const person = newPerson({ email: `someone-${Date.now()}@untrusted.test` });
    expect((await signInThere(agent, provider, person)).url).toBe(home());
    expect(await accountOf(person.email)).toMatchObject({ email_verified_at: null });
  });

  test.each([
    ['an address that is not verified', { email_verified: false }, 'Verify your email first'],
    [
      'an address of which nothing is said',
      { email_verified: undefined },
      'Verify your email first',
    ],
    ['no address', { email: undefined }, 'didn’t give us an email address'],
    ['no address that is one', { email: '"a b"@trusted.test' }, 'didn’t give us an email address'],
  ])('is refused with %s', async (_what, change, text) => {
    const page = await signInThere(agent, provider, newPerson(change));
    expect([page.status, page.html.includes(text)]).toEqual([403, true]);
    expect(page.html).toContain('href="/sign-in/provider/acme?next=%2F"');
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('sees what the provider’s spelling of an address means here', async () => {
    const email = `mixed-${Date.now()}@trusted.test`;
    await addAccount(server.database.db, { email, emailVerifiedAt: new Date() });
    await signInThere(agent, provider, newPerson({ email: email.toUpperCase() }));
    expect(await whoIs()).toContain(email);
  });
});

describe('an account that is there already', () => {
  test('is opened by its address where the provider is trusted and both sides have verified it', async () => {
    const person = newPerson();
    const { id } = await addAccount(server.database.db, {
      email: person.email ?? '',
      emailVerifiedAt: new Date(),
    });
    await signInThere(agent, provider, person);
    expect(await whoIs()).toContain(person.email);
    const told = await newestMail(server, person.email ?? '');
    expect(told?.subject).toBe('A new way to sign in to your account');
    const account = await accountOf(person.email);
    expect(account?.['id']).toBe(id);
    expect(account?.['password_hash']).not.toBeNull();
  });

  test('is emptied first where a stranger may have made it: nothing of theirs works afterwards', async () => {
    const person = newPerson();
    const email = person.email ?? '';
    const { id } = await addAccount(server.database.db, { email, emailVerifiedAt: undefined });
    const stranger = createUserAgent(server.issuer);
    await signInByPassword(email, stranger);
    expect(await whoIs(stranger)).toContain(email);
    await signInThere(agent, provider, person);
    expect(await whoIs()).toContain(email);
    expect((await stranger.get('/account')).url).toContain('/sign-in');
    await signInByPassword(email, stranger);
    expect((await stranger.get('/account')).url).toContain('/sign-in');
    const account = await accountOf(email);
    expect(account).toMatchObject({ id, password_hash: null });
    expect(account?.['email_verified_at']).toBeInstanceOf(Date);
  });

  test('stays shut to a provider that is not trusted for its domain', async () => {
    const email = `known-${Date.now()}@untrusted.test`;
    await addAccount(server.database.db, { email, emailVerifiedAt: new Date() });
    const page = await signInThere(agent, provider, newPerson({ email }));
    expect([page.status, page.html.includes('already have an account here')]).toEqual([403, true]);
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('stays with the person it is bound to when the address is somebody else’s there by now', async () => {
    const first = newPerson();
    await signInThere(createUserAgent(server.issuer), provider, first);
    const page = await signInThere(agent, provider, newPerson({ email: first.email }));
    expect([page.status, page.html.includes('belongs to someone else')]).toEqual([403, true]);
  });

  test('that is suspended stays so, bound or not', async () => {
    const bound = newPerson();
    await signInThere(createUserAgent(server.issuer), provider, bound);
    const unbound = newPerson();
    await addAccount(server.database.db, {
      email: unbound.email ?? '',
      emailVerifiedAt: new Date(),
    });
    for (const person of [bound, unbound]) {
      const id = String((await accountOf(person.email))?.['id']);
      await changeAccountStatus(server.database.db, id, { from: 'active', to: 'suspended' });
      const page = await signInThere(agent, provider, person);
      expect([page.status, page.html.includes('suspended')]).toEqual([403, true]);
      expect(await accountOf(person.email)).toMatchObject({ status: 'suspended' });
    }
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('that was suspended while its owner was at the provider gets no session', async () => {
    const person = newPerson();
    await signInThere(createUserAgent(server.issuer), provider, person);
    const id = String((await accountOf(person.email))?.['id']);
    const there = await agent.get('/sign-in/provider/acme');
    const [operator] = await rows(`select id from accounts where email = 'operator@usher.test'`);
    const origin = { address: undefined, userAgent: undefined };
    const actor = { accountId: String(operator?.['id']), origin };
    await suspendAccount(server.database.db, actor, id);
    const page = await agent.get(provider.signIn(there.url, person));
    expect([page.status, page.html.includes('suspended')]).toEqual([403, true]);
  });

  test('that was deleted means nobody any more: its subject begins anew', async () => {
    const person = newPerson();
    await signInThere(agent, provider, person);
    const before = await accountOf(person.email);
    await rows(
      `update accounts set status = 'deleted', email = 'gone-' || id || '@x.test' where id = $1`,
      before?.['id'],
    );
    await signInThere(agent, provider, person);
    const after = await accountOf(person.email);
    expect(after).toMatchObject({ status: 'active' });
    expect(after?.['id']).not.toBe(before?.['id']);
  });

  test('keeps its places: a member who was removed or suspended is not added back', async () => {
    const person = newPerson();
    await signInThere(agent, provider, person);
    const id = (await accountOf(person.email))?.['id'];
    await rows(
      `insert into organization_members (organization_id, account_id, suspended_at)
       select id, $1, now() from organizations where slug = 'acme'`,
      id,
    );
    await signInThere(createUserAgent(server.issuer), provider, person);
    const places = () =>
      rows(
        'select suspended_at is not null as suspended from organization_members where account_id = $1',
        id,
      );
    expect(await places()).toEqual([{ suspended: true }]);
    await rows('delete from organization_members where account_id = $1', id);
    await signInThere(createUserAgent(server.issuer), provider, person);
    expect(await places()).toEqual([]);
  });
});

describe('a provider that lies gives no session, and a page with the way on', () => {
  const other = 'https://evil.test';

  test.each([
    ['another issuer', { claims: { iss: other } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    [
      'two audiences and no party',
      { claims: { aud: ['usher', 'another-client'], azp: undefined } },
    ],
    ['another party', { claims: { azp: 'another-client' } }],
    ['another nonce', { claims: { nonce: 'of-another-request' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['an expired token', { claims: { exp: 1_000_000_000 } }],
    ['the algorithm none', { signature: 'none' }],
    ['a signature with the client secret', { signature: 'secret' }],
    ['a key that it does not publish', { signature: 'foreign' }],
    ['garbage from the token endpoint', { answers: { '/token': [200, '<html>'] } }],
    [
      'an error of the token endpoint',
      { answers: { '/token': [400, '{"error":"invalid_grant"}'] } },
    ],
    ['no ID token', { answers: { '/token': [200, '{"access_token":"x","token_type":"Bearer"}'] } }],
    ['too long an answer', { answers: { '/token': [200, 'x'.repeat(600_000)] } }],
  ] as const)('%s', async (_what, lies) => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = provider.signIn(there.url, newPerson());
    provider.lie(lies);
    const page = await agent.get(back);
    expect([502, 503]).toContain(page.status);
    expect(page.html).toContain('href="/sign-in/provider/acme?next=%2F"');
    expect(page.html).toContain('Other ways to sign in');
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test('another issuer in the answer of the browser (RFC 9207)', async () => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = new URL(provider.signIn(there.url, newPerson()));
    back.searchParams.set('iss', other);
    expect((await agent.get(back.href)).status).toBe(502);
    expect((await agent.get('/account')).url).toContain('/sign-in');
  });

  test.each([
    ['that is down', { '/token': [500, 'down'] }, 503],
    ['whose keys are down', { '/jwks': [503, ''] }, 503],
    ['whose keys are garbage', { '/jwks': [200, '{"keys":"none"}'] }, 502],
  ] as const)('%s', async (_what, answers, status) => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = provider.signIn(there.url, newPerson());
    provider.lie({ answers });
    expect((await agent.get(back)).status).toBe(status);
  });

  test('one that never answers ends in a page, too', async () => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = provider.signIn(there.url, newPerson());
    provider.lie({ answers: { '/token': 'silence' } });
    const page = await agent.get(back);
    expect([page.status, page.html.includes('temporarily unavailable')]).toEqual([503, true]);
  });

  test('a person who cancels there comes back to a page that says so', async () => {
    const there = await agent.get('/sign-in/provider/acme');
    const state = new URL(there.url).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer });
    const page = await agent.get(`/sign-in/provider/acme/callback?${query}`);
    expect([page.status, page.html.includes('You’re not signed in')]).toEqual([403, true]);
  });
});

describe('what was begun', () => {
  test('counts once', async () => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = provider.signIn(there.url, newPerson());
    const pages = await Promise.all(Array.from({ length: 8 }, () => agent.get(back)));
    expect(pages.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(410)]);
    const { searchParams } = new URL(back);
    const uses = provider.redeemed.filter(({ code }) => code === searchParams.get('code'));
    expect(uses).toHaveLength(1);
  });

  test('is another browser’s business: somebody else’s code signs nobody in', async () => {
    const there = await agent.get('/sign-in/provider/acme');
    const back = provider.signIn(there.url, newPerson());
    const victim = createUserAgent(server.issuer);
    await victim.get('/sign-in/provider/acme');
    expect((await victim.get(back)).status).toBe(410);
    expect((await victim.get('/account')).url).toContain('/sign-in');
    expect((await agent.get(back)).url).toBe(home());
  });

  test('uses a verifier of its own, which only the token endpoint sees', async () => {
    const there = new URL((await agent.get('/sign-in/provider/acme')).url).searchParams;
    expect(there.get('code_challenge_method')).toBe('S256');
    expect(there.get('nonce')).toMatch(/^[\w-]{43}$/);
    await agent.get(provider.signIn(`https://x.test/?${there}`, newPerson()));
    expect(provider.redeemed.at(-1)?.verifier).toMatch(/^[\w-]{43}$/);
    const records = await rows(
      `select payload::text from provider_records where kind = 'UpstreamState'`,
    );
    expect(JSON.stringify(records)).not.toContain(there.get('nonce'));
  });

  test('leads nowhere else than to a page of this server', async () => {
    const next = encodeURIComponent('https://evil.test/');
    const page = await signInThere(
      agent,
      provider,
      newPerson(),
      `/sign-in/provider/acme?next=${next}`,
    );
    expect(page.url).toBe(home());
  });
});

test('new keys of the provider count at once', async () => {
  await signInThere(createUserAgent(server.issuer), provider, newPerson());
  await provider.rotate();
  expect((await signInThere(agent, provider, newPerson())).url).toBe(home());
});

test('an unknown provider is no page', async () => {
  expect((await agent.get('/sign-in/provider/nobody')).status).toBe(404);
  expect((await agent.get('/sign-in/provider/nobody/callback?state=x')).status).toBe(404);
});

describe('connecting from a signed-in session', () => {
  const connect = async (by: UserAgent) =>
    by.submit(await by.get('/account/connections'), undefined, '/account/connections/acme');

  test('is offered on the page of security, where there is anything to connect', async () => {
    const link = 'href="/account/connections"';
    const alone = await startTestServer();
    const { email } = await addAccount(server.database.db);
    await signInByPassword(email);
    expect((await agent.get('/account/security')).html).toContain(link);
    const other = await addAccount(alone.database.db);
    const there = createUserAgent(alone.issuer);
    await signInByPassword(other.email, there);
    expect((await there.get('/account/security')).html).not.toContain(link);
    await alone.close();
  });

  test('binds the person there to this account, whatever the addresses are', async () => {
    const email = `local-${Date.now()}@untrusted.test`;
    await addAccount(server.database.db, { email, emailVerifiedAt: new Date() });
    await signInByPassword(email);
    const person = newPerson({ email: undefined });
    const page = await agent.get(provider.signIn((await connect(agent)).url, person));
    expect(page.html).toContain('Connected.');
    const told = await newestMail(server, email);
    expect(told?.subject).toBe('A new way to sign in to your account');
    expect(told?.text).toMatch(/connected to an account at Acme, which can sign in/);
    expect(told?.text).toContain(`${server.issuer}/account/connections`);
    const ends = await agent.get('/account/delete');
    expect(ends.html).toMatch(/Connected accounts can’t sign in here any more[\s\S]*?Acme/);
    const again = createUserAgent(server.issuer);
    await signInThere(again, provider, person);
    expect(await whoIs(again)).toContain(email);
    const removed = await agent.submit(
      await agent.get('/account/connections'),
      undefined,
      '/remove',
    );
    expect(removed.html).toContain('Disconnected.');
    const ended = (await server.sendMail()).filter(({ to }) => to === email);
    expect(ended.map(({ subject }) => subject)).toContain(
      'A way to sign in to your account was removed',
    );
    expect((await agent.get('/account/delete')).html).not.toContain('Connected accounts');
    expect((await signInThere(createUserAgent(server.issuer), provider, person)).status).toBe(403);
  });

  test('is refused for somebody who has another account here', async () => {
    const person = newPerson();
    await signInThere(createUserAgent(server.issuer), provider, person);
    const email = `second-${Date.now()}@untrusted.test`;
    await addAccount(server.database.db, { email, emailVerifiedAt: new Date() });
    await signInByPassword(email);
    const page = await agent.get(provider.signIn((await connect(agent)).url, person));
    expect(page.html).toContain('already connected to another account');
  });

  test('ends with the session it was begun in', async () => {
    const email = `third-${Date.now()}@untrusted.test`;
    await addAccount(server.database.db, { email, emailVerifiedAt: new Date() });
    await signInByPassword(email);
    const back = provider.signIn((await connect(agent)).url, newPerson());
    await agent.submit(await agent.get('/sign-out'));
    expect((await agent.get(back)).status).toBe(403);
  });

  test('keeps the only way in', async () => {
    await signInThere(agent, provider, newPerson());
    expect((await agent.get('/account/connections')).html).toContain('only way in');
  });

  test('needs a form of ours', async () => {
    await signInThere(agent, provider, newPerson());
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${server.issuer}/account/connections/acme`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ token: 'x' }),
    });
    expect(answer.status).toBe(403);
  });
});

describe('signing out', () => {
  test('goes to the provider, and comes back', async () => {
    await signInThere(agent, provider, newPerson());
    const there = await agent.submit(await agent.get('/sign-out'));
    const sent = new URL(there.url);
    expect(sent.origin + sent.pathname).toBe(`${provider.issuer}/end-session`);
    expect(sent.searchParams.get('id_token_hint')).toMatch(/^ey/);
    expect((await agent.get('/account')).url).toContain('/sign-in');
    const back = sent.searchParams.get('post_logout_redirect_uri') ?? '';
    const page = await agent.get(`${back}?state=${sent.searchParams.get('state')}`);
    expect(page.html).toContain('signed out');
  });

  test('of a session that began here stays here', async () => {
    await signInByPassword('member@acme.test', agent, 'usher-demo');
    expect((await agent.submit(await agent.get('/sign-out'))).url).toBe(`${server.issuer}/`);
  });
});

describe('back-channel logout', () => {
  const send = (token: string, id = 'acme') =>
    fetch(`${server.issuer}/sign-in/provider/${id}/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    });
  const isIn = async (by: UserAgent) => (await by.get('/account')).url.endsWith('/account');

  test('ends the session that it names, once, and no other', async () => {
    const person = newPerson();
    const other = createUserAgent(server.issuer);
    await signInThere(agent, provider, { ...person, sid: 'first-session' });
    await signInThere(other, provider, { ...person, sid: 'second-session' });
    const token = await provider.logoutToken({ sid: 'first-session' });
    expect((await send(token)).status).toBe(200);
    expect([await isIn(agent), await isIn(other)]).toEqual([false, true]);
    expect((await send(token)).status).toBe(400);
    expect((await send(await provider.logoutToken({ sub: person.sub }))).status).toBe(200);
    expect(await isIn(other)).toBe(false);
    const events = await rows(
      `select subject from audit_events where action = 'sessions.ended_by_provider' and subject = $1`,
      printId('user', String((await accountOf(person.email))?.['id'])),
    );
    expect(events).toHaveLength(2);
  });

  test.each([
    ['another issuer', { iss: 'https://evil.test' }, {}],
    ['another audience', { aud: 'another' }, {}],
    ['a nonce', { nonce: 'n' }, {}],
    ['no event', { events: {} }, {}],
    ['no id', { jti: undefined }, {}],
    ['neither subject nor session', { sub: undefined }, {}],
    ['an old date', { iat: 1_000_000_000 }, {}],
    ['a foreign key', {}, { signature: 'foreign' }],
    ['the algorithm none', {}, { signature: 'none' }],
    ['the client secret as key', {}, { signature: 'secret' }],
  ] as const)('refuses a token with %s', async (_what, change, lies) => {
    const person = newPerson();
    await signInThere(agent, provider, person);
    const token = await provider.logoutToken({ sub: person.sub, ...change }, lies);
    expect((await send(token)).status).toBe(400);
    expect(await isIn(agent)).toBe(true);
  });

  test('refuses what is no token, and an unknown provider', async () => {
    expect((await send('x.y.z')).status).toBe(400);
    expect((await send(await provider.logoutToken({ sub: 'x' }), 'nobody')).status).toBe(400);
  });

  test('an ID token is no logout token', async () => {
    await signInThere(agent, provider, newPerson());
    const there = await agent.submit(await agent.get('/sign-out'));
    const idToken = new URL(there.url).searchParams.get('id_token_hint') ?? '';
    expect((await send(idToken)).status).toBe(400);
  });
});
