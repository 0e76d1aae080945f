/** Sign-in handed to a platform that has accounts and no OpenID provider, as the guide says. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { addAccount, addSession } from '../accounts/people.ts';
import { freshEmail } from '../operator/operators.ts';
import {
  allow,
  authorizationRequest,
  callbackOf,
  demoApi,
  demoApp,
  introspectAs,
  redeem,
} from '../support/oauth.ts';
import { type PlatformApp, startPlatformApp } from '../support/platform-app.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { rowsOf } from './providers.ts';

let platform: PlatformApp;
let server: TestServer;
let agent: UserAgent;
beforeAll(async () => {
  platform = await startPlatformApp();
  server = await startTestServer({ PASSWORDS: 'off', SIGN_IN_URL: platform.signInUrl });
  await platform.connect(server, '--sign-in');
});
afterAll(() => platform.close().then(() => server.close()));
beforeEach(() => {
  agent = createUserAgent(server.issuer);
});

const begun = async (from = '/account', by = agent) => {
  const there = (await by.get(from)).url;
  return { there, challenge: new URL(there).searchParams.get('challenge') ?? '' };
};
const statusOf = async (email: string) =>
  (await rowsOf(server, 'select * from accounts where email = $1', email))[0];

describe('a person', () => {
  test('gets in, with a new account whose address is proven, and comes back to the same one', async () => {
    const person = platform.newPerson();
    const back = await platform.signIn((await begun()).there, person);
    const page = await agent.get(back);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/account']);
    expect(page.html).toContain(person.email);
    const account = await statusOf(person.email);
    expect(account).toMatchObject({ name: 'Pat Doe', password_hash: null });
    expect(account?.['email_verified_at']).toBeInstanceOf(Date);

    const other = createUserAgent(server.issuer);
    const { challenge } = await begun('/account', other);
    const named = await platform.name(challenge, { subject: person.id });
    expect((await other.get(named.body.redirect_to)).html).toContain(person.email);
    const events = await rowsOf(
      server,
      `select action, actor_client_id is not null as service from audit_events
        where subject = $1 and action like 'sign_in.%' order by id`,
      printId('user', String(account?.['id'])),
    );
    const both = [
      { action: 'sign_in.vouched', service: true },
      { action: 'sign_in.succeeded', service: false },
    ];
    expect(events).toEqual([...both, ...both]);
  });

  test('goes straight there from an application, and on to consent and tokens', async () => {
    const { url, verifier } = authorizationRequest(server, demoApp, 'openid user:read_user');
    const { there } = await begun(url);
    expect(there).toContain(`${platform.signInUrl}?challenge=`);
    const consent = await agent.get(await platform.signIn(there, platform.newPerson()));
    const callback = callbackOf(await allow(agent, consent));
    const { body } = await redeem(server, demoApp, callback.get('code') ?? '', verifier);
    expect(await introspectAs(server, demoApi, body.access_token)).toMatchObject({ active: true });
  });

  test('is chosen beside passwords where there are both', async () => {
    const both = await startTestServer({ SIGN_IN_URL: platform.signInUrl });
    const page = await createUserAgent(both.issuer).get('/sign-in?next=/account');
    expect(page.html).toContain(`Continue with ${new URL(platform.signInUrl).host}`);
    expect(page.html).toContain('type="password"');
    await both.close();
  });

  test('proves who they are once more where the application asks', async () => {
    const change = { prompt: 'login', login_hint: 'pat@console.test' };
    const { url } = authorizationRequest(server, demoApp, 'openid', change);
    const { there, challenge } = await begun(url);
    const asked = new URL(there).searchParams;
    expect([asked.get('prompt'), asked.get('login_hint')]).toEqual(['login', 'pat@console.test']);
    const { id: subject, email } = platform.newPerson();
    const stale = await platform.name(challenge, { subject, email });
    expect([stale.status, stale.body.reason]).toEqual([409, 'fresh_sign_in_needed']);
    expect(await statusOf(email)).toBeUndefined();
    const named = await platform.name(challenge, { subject, email, fresh: true });
    expect((await agent.get(named.body.redirect_to)).html).toContain(email);
  });

  test('can be named by the id here, and by the address alone', async () => {
    const account = await addAccount(server.database.db, { email: freshEmail() });
    for (const who of [{ account: printId('user', account.id) }, { email: account.email }]) {
      const other = createUserAgent(server.issuer);
      const { challenge } = await begun('/account', other);
      const named = await platform.name(challenge, who);
      expect((await other.get(named.body.redirect_to)).html).toContain(account.email);
    }
  });
});

describe('nobody gets in', () => {
  const over = async (by: UserAgent, address: string) => {
    const page = await by.get(address);
    expect([page.status, page.html.includes('This sign-in is over')]).toEqual([410, true]);
    expect(page.html).toContain('href="/sign-in/hand-off');
    return page;
  };

  test('by a challenge alone, or in another browser; the right one still ends well', async () => {
    const { there, challenge } = await begun();
    const back = await platform.signIn(there, platform.newPerson());
    const stranger = createUserAgent(server.issuer);
    await over(stranger, back);
    await begun('/account', stranger);
    await over(stranger, back);
    await over(agent, back.replace(/answer=.*/, `answer=${challenge}`));
    expect((await agent.get('/account')).url).toContain(platform.signInUrl);
    expect((await agent.get(back)).url).toContain('/account');
  });

  test('with the answer once more: back button, a second tab, twice in the address', async () => {
    const back = await platform.signIn((await begun()).there, platform.newPerson());
    await over(agent, `${back}&answer=x`);
    await agent.get(back);
    await over(agent, back);
    expect((await agent.get('/account')).status).toBe(200);
  });

  test.each(['', '?answer=', '?answer=usher_answer_x', '?answer=%00'])(
    'with the address "%s"',
    async (query) => {
      await over(agent, `/sign-in/hand-off/finish${query}`);
    },
  );

  test('with an answer or a challenge that has expired', async () => {
    const { there, challenge } = await begun();
    const expire = (kind: string) =>
      rowsOf(server, `update provider_records set expires_at = now() where kind = $1`, kind);
    const back = await platform.signIn(there, platform.newPerson());
    await expire('HandOffAnswer');
    await over(agent, back);
    expect((await platform.name(challenge, { email: freshEmail() })).status).toBe(404);
    const late = await begun();
    await expire('HandOff');
    const email = freshEmail();
    expect((await platform.name(late.challenge, { email })).status).toBe(404);
    expect(await statusOf(email)).toBeUndefined();
  });

  test('whose account is suspended, before or after it is named', async () => {
    const { db } = server.database;
    const account = await addAccount(db, { email: freshEmail(), status: 'suspended' });
    const named = await platform.name((await begun()).challenge, { email: account.email });
    const page = await agent.get(named.body.redirect_to);
    expect([page.status, page.html.includes('Your account is suspended')]).toEqual([403, true]);

    const later = await addAccount(db, { email: freshEmail() });
    const then = await platform.name((await begun()).challenge, { email: later.email });
    await rowsOf(server, `update accounts set status = 'suspended' where id = $1`, later.id);
    expect((await agent.get(then.body.redirect_to)).status).toBe(403);
    expect((await agent.get('/account')).url).toContain(platform.signInUrl);
  });

  test('whose sessions were ended since they were named', async () => {
    const account = await addAccount(server.database.db, { email: freshEmail() });
    const named = await platform.name((await begun()).challenge, { email: account.email });
    await rowsOf(
      server,
      'update accounts set sign_in_epoch = sign_in_epoch + 1 where id = $1',
      account.id,
    );
    expect((await agent.get(named.body.redirect_to)).status).toBe(403);
  });

  test('once the request is over that the sign-in was for', async () => {
    const { url } = authorizationRequest(server, demoApp, 'openid');
    const back = await platform.signIn((await begun(url)).there, platform.newPerson());
    await rowsOf(server, `delete from provider_records where kind = 'Interaction'`);
    expect((await agent.get(back)).status).toBe(404);
  });
});

describe('the service client', () => {
  test.each([
    [{}, 'account'],
    [{ account: 'user_0123' }, 'account'],
    [{ account: printId('user', crypto.randomUUID()) }, 'account'],
    [{ email: 'no address' }, 'email'],
    [{ subject: 'first time' }, 'email'],
    [{ subject: '' }, 'subject'],
    [{ subject: 'x', email: 'a@b.test', more: 1 }, 'more'],
  ])('that names %j is told about %s, and the challenge stays good', async (who, field) => {
    const { challenge } = await begun();
    const refused = await platform.name(challenge, who);
    expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([422, field]);
    expect((await platform.name(challenge, { email: freshEmail() })).status).toBe(200);
  });

  test('names no second subject for an account that is bound', async () => {
    const person = platform.newPerson();
    await platform.signIn((await begun()).there, person);
    const { challenge } = await begun();
    const other = await platform.name(challenge, { subject: 'another', email: person.email });
    expect([other.status, other.body.errors[0].field]).toEqual([422, 'email']);
  });

  test('without --sign-in names nobody', async () => {
    const plain = await startPlatformApp();
    await plain.connect(server);
    const { challenge } = await begun();
    const refused = await plain.name(challenge, { email: freshEmail() });
    expect([refused.status, refused.body.reason]).toEqual([403, 'service_power']);
    await plain.close();
    expect((await platform.name(challenge, { email: freshEmail() })).status).toBe(200);
  });
});

test('an account that a stranger made before its owner came gives the stranger nothing', async () => {
  const passwords = await startTestServer({ SIGN_IN_URL: platform.signInUrl });
  const own = await startPlatformApp();
  await own.connect(passwords, '--sign-in');
  const { db } = passwords.database;
  for (const byIdentity of [false, true]) {
    const person = own.newPerson();
    const account = await addAccount(db, { email: person.email, emailVerifiedAt: undefined });
    await addSession(db, account.id);
    if (byIdentity) {
      await rowsOf(
        passwords,
        'insert into external_identities (issuer, subject, account_id) values ($1, $2, $3)',
        new URL(platform.signInUrl).origin,
        person.id,
        account.id,
      );
    }
    const owner = createUserAgent(passwords.issuer);
    const { there } = await begun('/sign-in/hand-off', owner);
    const back = await own.signIn(there.replace(platform.signInUrl, own.signInUrl), person);
    expect((await owner.get(back)).html).toContain(person.email);
    const [left] = await rowsOf(
      passwords,
      `select password_hash, (select count(*)::int from sessions where account_id = a.id) as sessions,
              (select count(*)::int from external_identities where account_id = a.id) as identities
         from accounts a where id = $1`,
      account.id,
    );
    expect(left).toEqual({ password_hash: null, sessions: 1, identities: 1 });
    const again = await own.name((await begun('/sign-in/hand-off', owner)).challenge, {
      subject: person.id,
    });
    expect(again.status).toBe(200);
    const stranger = createUserAgent(passwords.issuer);
    const page = await signInBy(stranger, person.email, 'correct horse battery');
    expect(new URL(page.url).pathname).toBe('/sign-in');
  }
  await own.close();
  await passwords.close();
});
