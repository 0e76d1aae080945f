/** A sign-in on a device that is new to the account is told by mail. */

import { describe, expect, test } from 'vitest';
import { addAccount, password } from '../accounts/people.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { authorizationRequest, demoApp } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const server = forAllTests(startTestServer);
const account = forEachTest(() => addAccount(server.database.db));
const agent = forEachTest(() => createUserAgent(server.issuer));

const device = (userAgent = firefox) =>
  createUserAgent(server.issuer, {
    'user-agent': userAgent,
    'accept-language': 'en',
  });

/** Sends the form of e-mail address and password of a page. */
const enter = (by: UserAgent, page: Page, { email } = account, secret = password) =>
  enterPassword(by, page, email, secret);

async function signIn(by: UserAgent, { email } = account, secret = password): Promise<void> {
  const page = await enter(by, await by.get('/sign-in'), { ...account, email }, secret);
  expect(new URL(page.url).pathname).toBe('/organizations');
}

const signOut = async (by: UserAgent) => by.submit(await by.get('/sign-out'));

/** What somebody was told about devices, oldest first. */
const told = async (email = account.email) =>
  (await server.sendMail())
    .filter(({ to, subject }) => to === email && subject === 'New sign-in to your account')
    .toReversed();

describe('a mail about a new device', () => {
  test('says which, when and where from, and leads to the sessions', async () => {
    await signIn(agent);
    await signIn(device());
    const [mail, ...others] = await told();
    expect(others).toEqual([]);
    expect(mail?.text).toMatch(
      /^On \w+ \d+, \d{4}, \d\d:\d\d UTC the account .* on a new device: Firefox on Linux, from the address (127\.0\.0\.1|::1)\.$/m,
    );
    expect(mail?.text).toContain(account.email);
    expect(mail?.text).toContain(`${server.issuer}/account/sessions`);
    expect(mail?.html).toContain(`href="${server.issuer}/account/sessions"`);
  });

  test('is not sent of the first sign-in, nor of a device that is known', async () => {
    for (let round = 0; round < 3; round++) {
      await signIn(agent);
      await signOut(agent);
    }
    expect(await told()).toEqual([]);
  });

  test('is sent once for each device, and for none that did not get in', async () => {
    await signIn(agent);
    const another = device();
    await enter(another, await another.get('/sign-in'), account, 'wrong');
    expect(await told()).toEqual([]);
    await signIn(another);
    await signOut(another);
    await signIn(another);
    expect(await told()).toHaveLength(1);
    await signIn(device());
    expect(await told()).toHaveLength(2);
  });

  test('is sent of a sign-in for an application, too', async () => {
    await signIn(agent);
    const another = device();
    const { url } = authorizationRequest(server, demoApp, 'openid');
    await enter(another, await another.get(url));
    expect(await told()).toHaveLength(1);
  });

  test('is sent once of two first sign-ins at the same moment', async () => {
    const both = [device(), device()];
    const pages = await Promise.all(both.map((one) => one.get('/sign-in')));
    await Promise.all(both.map((one, n) => enter(one, pages[n] as Page)));
    expect(await told()).toHaveLength(1);
  });

  test('holds nothing that a mail program takes for a link, whatever the browser says', async () => {
    await signIn(agent);
    await signIn(device('evil.test/1.0 https://evil.test/now'));
    await signIn(device('x'.repeat(2_000)));
    const mails = await told();
    expect(mails).toHaveLength(2);
    expect(mails.map(({ text }) => text).join()).not.toMatch(/evil\.test|https:\/\/evil/);
  });
});

test('a browser in which a set-up link was used is known from then on', async () => {
  const email = freshEmail();
  const { link } = await commandsOn(server.database.db, server.issuer)('operator', 'add', email);
  const secret = 'velvet turbine';
  const page = await agent.get(String(link));
  const done = await agent.submit(page, (fields) => fill(fields, 'password', secret), '/set-up/');
  expect(done.url).toContain('done=set-up');
  await signOut(agent);
  await signIn(agent, { ...account, email }, secret);
  expect(await told(email)).toEqual([]);
  await signIn(device(), { ...account, email }, secret);
  expect(await told(email)).toHaveLength(1);
});
