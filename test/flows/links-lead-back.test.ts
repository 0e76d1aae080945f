/** Whoever sets a new password, or makes an account, on the way of an application's request goes on with it. */

import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { authorizationRequest, callbackOf, demoApp, redeem } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { rowsOf } from '../upstream/providers.ts';
import { linkTo } from './mailed-links.ts';

const fresh = 'velvet turbine';

const server = forAllTests(() => startTestServer({ SIGN_UP: 'open' }));
const account = forEachTest(() => addAccount(server.database.db));
let agent: UserAgent;
beforeEach(async () => {
  agent = createUserAgent(server.issuer);
});

/** Comes from an application, and stands on the sign-in page. */
function comeFromApplication(change: Record<string, string> = {}) {
  const { url, verifier } = authorizationRequest(server, demoApp, 'openid', change);
  return agent.get(url).then((page) => ({ page, verifier }));
}

/** Follows the link on a page that leads to an address that begins so. */
function follow(page: Page, beginning: string): Promise<Page> {
  const hrefs = Array.from(page.html.matchAll(/href="([^"]+)"/g), ([, href = '']) => href);
  const found = hrefs.find((href) => href.startsWith(beginning));
  if (found === undefined) throw new Error(`no link to ${beginning}`);
  return agent.get(found.replaceAll('&amp;', '&'));
}

async function askFor(page: Page, email: string): Promise<string> {
  const sent = await agent.submit(page, (fields) => fill(fields, 'email', email));
  expect(sent.url).toContain('done=sent');
  return linkTo(server, email);
}

async function setPassword(path: string, by = agent): Promise<Page> {
  return by.submit(await by.get(path), (fields) => fill(fields, 'password', fresh), '/reset/');
}

async function signUp(path: string, by = agent): Promise<Page> {
  return by.submit(
    await by.get(path),
    (fields) => fill(fill(fields, 'name', 'New Person'), 'password', fresh),
    '/sign-up/',
  );
}

describe('a new password', () => {
  test('leads on to the application, with a code that is worth tokens', async () => {
    const { page, verifier } = await comeFromApplication();
    const asking = await follow(page, '/reset?');
    expect(asking.html).toContain(`href="${new URL(page.url).pathname}"`);
    const path = await askFor(asking, account.email);
    const consent = await setPassword(path);
    expect(consent.url).toMatch(/\/interaction\/[^/]+\/consent$/);
    const done = await agent.submit(consent, (fields) => fill(fields, 'action', 'allow'));
    const code = callbackOf(done).get('code') ?? '';
    expect((await redeem(server, demoApp, code, verifier)).body).toMatchObject({ scope: 'openid' });
    expect((await agent.get('/account')).html).toContain(account.email);
  });

  test('ends where such links end, in a browser that did not ask', async () => {
    const { page } = await comeFromApplication();
    const path = await askFor(await follow(page, '/reset?'), account.email);
    const other = createUserAgent(server.issuer);
    await other.get('/sign-in'); // it has an id of its own
    expect((await setPassword(path, other)).url).toMatch(/\/account\?done=reset$/);
    expect((await agent.get(page.url)).status).toBe(200);
  });

  test.each([
    ['is over', `delete from provider_records where kind = 'Interaction'`],
    ['has expired', `update provider_records set expires_at = now() where kind = 'Interaction'`],
  ])('ends where such links end, when the request %s', async (_what, sql) => {
    const { page } = await comeFromApplication();
    const path = await askFor(await follow(page, '/reset?'), account.email);
    await rowsOf(server, sql);
    expect((await setPassword(path)).url).toMatch(/\/account\?done=reset$/);
  });

  test('is asked for in the language of the application’s request', async () => {
    const { page } = await comeFromApplication({ ui_locales: 'de' });
    const asking = await follow(page, '/reset?');
    expect(asking.html).toContain('<html lang="de"');
    const path = await askFor(asking, account.email);
    expect((await agent.get(path)).html).toContain('<html lang="de"');
  });

  test('leads back to a page of ours, and nowhere else', async () => {
    const signIn = await agent.get('/sign-in?next=/account/sessions');
    const path = await askFor(await follow(signIn, '/reset?'), account.email);
    expect((await setPassword(path)).url).toMatch(/\/account\/sessions$/);
    for (const next of ['//evil.test', 'https://evil.test/', '/\\evil.test', 'x'.repeat(5_000)]) {
      const person = await addAccount(server.database.db);
      const page = await agent.get(`/reset?next=${encodeURIComponent(next)}`);
      const there = await askFor(page, person.email);
      expect((await setPassword(there)).url).toMatch(/\/account(\/|\?done=reset)$/);
    }
  });

  test('keeps nothing of the request that somebody else could read', async () => {
    const { page } = await comeFromApplication();
    await askFor(await follow(page, '/reset?'), account.email);
    const [row] = await rowsOf(
      server,
      'select return_to from account_links where email = $1',
      account.email,
    );
    const [, uid = ''] = /\/interaction\/([^/]+)/.exec(page.url) ?? [];
    expect(uid).not.toBe('');
    expect(Buffer.from(row?.['return_to'] as Buffer).includes(uid)).toBe(false);
  });

  test('is offered with the way back when the password is guessed too often', async () => {
    let { page } = await comeFromApplication();
    const guess = (from: Page) =>
      agent.submit(from, (fields) =>
        fill(fill(fill(fields, 'email', account.email), 'password', 'wrong'), 'action', 'sign-in'),
      );
    for (let n = 0; n < 11; n++) page = await guess(page);
    expect(page.status).toBe(429);
    expect(page.html.match(/href="\/reset\?interaction=/g)?.length).toBe(2);
  });
});

describe('a new account', () => {
  test('leads on to the application, and in another browser ends as ever', async () => {
    for (const isSame of [true, false]) {
      agent = createUserAgent(server.issuer);
      const { page } = await comeFromApplication();
      const path = await askFor(await follow(page, '/sign-up?'), `${newId()}@new.test`);
      const by = isSame ? agent : createUserAgent(server.issuer);
      const end = isSame ? /\/interaction\/[^/]+\/consent$/ : /\/account\?done=signed-up$/;
      expect((await signUp(path, by)).url).toMatch(end);
    }
  });
});

describe('an address that has an account already', () => {
  async function askKnown(): Promise<{ path: string; page: Page; verifier: string }> {
    const { page, verifier } = await comeFromApplication();
    return { path: await askFor(await follow(page, '/sign-up?'), account.email), page, verifier };
  }

  test('leads to the sign-in of the application’s request, as often as it is opened', async () => {
    const { path, page, verifier } = await askKnown();
    expect((await agent.get(path)).url).toBe(page.url);
    const signIn = await agent.get(path);
    const consent = await agent.submit(signIn, (fields) =>
      fill(fill(fill(fields, 'email', account.email), 'password', password), 'action', 'sign-in'),
    );
    const done = await agent.submit(consent, (fields) => fill(fields, 'action', 'allow'));
    const code = callbackOf(done).get('code') ?? '';
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
    expect((await agent.get(path)).url).toMatch(/\/organizations$/); // the request is over
  });

  test('leads to the plain sign-in elsewhere, later, and by what is no link', async () => {
    const { path } = await askKnown();
    const other = createUserAgent(server.issuer);
    await other.get('/sign-in');
    await rowsOf(server, `delete from provider_records where kind = 'Interaction'`);
    expect((await other.get(path)).url).toMatch(/\/sign-in$/);
    for (const from of [path, `/sign-in/continue/${newId()}`, '/sign-in/continue/x'])
      expect((await agent.get(from)).url).toMatch(/\/sign-in$/);
  });

  test('leads on to the page that it began at', async () => {
    const signIn = await agent.get('/sign-in?next=/account/sessions');
    const path = await askFor(await follow(signIn, '/sign-up?'), account.email);
    expect((await agent.get(path)).url).toMatch(/\/sign-in\?next=%2Faccount%2Fsessions$/);
  });
});

describe('the offer of a passkey', () => {
  async function signIn(page: Page): Promise<Page> {
    return agent.submit(page, (fields) => [
      ...fill(
        fill(fill(fields, 'email', account.email), 'password', password),
        'action',
        'sign-in',
      ),
      ['can_passkey', 'yes'],
    ]);
  }

  test('on the way of an application leads back to it, and is made once', async () => {
    const { page, verifier } = await comeFromApplication();
    const offer = await signIn(page);
    expect(new URL(offer.url).pathname).toBe('/account/passkey');
    expect(new URL(offer.url).searchParams.get('next')).toMatch(/^\/oauth\/authorize\/[\w-]+$/);
    const consent = await agent.submit(offer, undefined, '/account/passkey/decline');
    expect(consent.url).toMatch(/\/interaction\/[^/]+\/consent$/);
    const done = await agent.submit(consent, (fields) => fill(fields, 'action', 'allow'));
    const code = callbackOf(done).get('code') ?? '';
    expect((await redeem(server, demoApp, code, verifier)).status).toBe(200);
    agent = createUserAgent(server.issuer);
    const again = await comeFromApplication();
    expect((await signIn(again.page)).url).not.toContain('/account/passkey');
  });
});
