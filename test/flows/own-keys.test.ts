/** How a developer's application proves itself: keys in place of secrets, as a person at a browser. */

import { exportJWK, exportPKCS8, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { claimsOf, postWithAssertion } from '../support/assertions.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, obtainCode, type TestClient } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { fill, type Page } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(async () => (await newDeveloper(server)).agent);

interface Key {
  readonly public: JWK;
  readonly private: JWK;
  readonly pem: string;
  sign(clientId: string): Promise<string>;
}

async function newKey(kid: string, alg = 'ES256'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    public: { ...(await exportJWK(publicKey)), kid },
    private: { ...(await exportJWK(privateKey)), kid },
    pem: await exportPKCS8(privateKey),
    sign: (id) =>
      new SignJWT(claimsOf(id, server.issuer)).setProtectedHeader({ alg, kid }).sign(privateKey),
  };
}

const setOf = (...keys: JWK[]) => JSON.stringify({ keys });
const pageOf = ({ id }: TestClient, path = ownApps) => `${path}/${id}`;

/** Sends the form of keys, of a page that is open already or is opened now. */
async function sendKeys(
  app: TestClient,
  values: Readonly<Record<string, string>>,
  page?: Page,
  by = agent,
  path = ownApps,
): Promise<Page> {
  const open = page ?? (await by.get(pageOf(app, path)));
  const all = { jwks: '', jwks_uri: '', ...values };
  return by.submit(
    open,
    (fields) =>
      Object.entries(all).reduce((filled, [name, value]) => fill(filled, name, value), fields),
    `${pageOf(app, path)}/keys`,
  );
}

const useSecrets = async (app: TestClient, page?: Page) =>
  agent.submit(
    page ?? (await agent.get(pageOf(app))),
    (fields) => fields,
    `${pageOf(app)}/keys/end`,
  );

/** Whether a key opens both endpoints: what is asked for there is wrong. */
async function getsIn(app: TestClient, key: Key): Promise<boolean> {
  const asked = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
  const of = async (path: string) =>
    (await postWithAssertion(server, path, await key.sign(app.id), asked)).status;
  const statuses = [await of('/oauth/token'), await of('/oauth/introspect')];
  expect([
    [400, 200],
    [401, 401],
  ]).toContainEqual(statuses);
  return statuses[0] === 400;
}

async function secretStatuses({ id }: TestClient, secret = ''): Promise<number[]> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const body = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
  const statusAt = async (path: string) => {
    const sent = { method: 'POST', headers: { authorization }, body: new URLSearchParams(body) };
    return (await fetch(`${server.issuer}${path}`, sent)).status;
  };
  return [await statusAt('/oauth/token'), await statusAt('/oauth/introspect')];
}

/** All that is written about an application. */
async function writtenOf({ id }: TestClient): Promise<string> {
  const [row] = await server.database.db.query<{ text: string }>(
    statement(`
      select (select c.metadata::text || c.auth_method from clients c where c.id = $1)
        || coalesce((select string_agg(coalesce(before::text, '') || after::text, '')
                       from audit_events where subject = $1), '') as text`),
    [id],
  );
  return row?.text ?? '';
}

describe('switching to keys', () => {
  test('lists them, gives tokens for a signature, and ends the secrets, as said before', async () => {
    const app = await registerOwnApp(agent);
    expect(await secretStatuses(app, app.secret)).toEqual([400, 200]);
    const before = await agent.get(pageOf(app));
    expect(before.html).toContain('its secret stops working for good');
    const [ec, rsa] = [await newKey('ec-1'), await newKey('rsa-1', 'RS256')];
    const page = await sendKeys(app, { jwks: setOf(ec.public, rsa.public) }, before);
    expect([page.status, page.url]).toEqual([200, `${server.issuer}${pageOf(app)}?done=keys`]);
    for (const shown of ['ec-1', 'EC P-256', 'ES256', 'rsa-1', 'RS256, RS384']) {
      expect(page.html).toContain(shown);
    }
    expect(page.html).not.toContain('id="secrets"');
    expect(await secretStatuses(app, app.secret)).toEqual([401, 401]);

    await consentTo(server, app, 'dba@acme.test', 'database:read_database', ['acme/shop']);
    const { code, verifier } = await obtainCode(server, app, 'dba@acme.test', 'openid');
    const { status, body } = await postWithAssertion(
      server,
      '/oauth/token',
      await rsa.sign(app.id),
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: app.redirectUri,
      },
    );
    expect([status, typeof body.access_token]).toEqual([200, 'string']);
  });

  test('a key alone is taken as a set of one, and the rest of the application stays', async () => {
    const app = await registerOwnApp(agent, { description: 'Kept', contact: 'dev@acme.test' });
    const key = await newKey('one', 'EdDSA');
    const page = await sendKeys(app, { jwks: JSON.stringify(key.public) });
    expect(page.html).toContain('OKP Ed25519');
    for (const kept of ['Kept', 'dev@acme.test', app.redirectUri]) {
      expect(page.html).toContain(kept);
    }
    expect(await getsIn(app, key)).toBe(true);
  });

  test('and back gives a new secret once; the keys and the old secret stay ended', async () => {
    const app = await registerOwnApp(agent);
    const key = await newKey('one');
    await sendKeys(app, { jwks: setOf(key.public) });
    const open = await agent.get(pageOf(app));
    const page = await useSecrets(app, open);
    const fresh = /usher_cs_[\w-]+/.exec(page.html)?.[0];
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(await secretStatuses(app, fresh)).toEqual([400, 200]);
    expect(await secretStatuses(app, app.secret)).toEqual([401, 401]);
    expect(await getsIn(app, key)).toBe(false);
    expect(await writtenOf(app)).not.toContain(fresh);
    const again = await useSecrets(app, open);
    expect([again.status, again.html.includes('usher_cs_')]).toEqual([409, false]);
  });
});

test('two keys change places without a request that fails', async () => {
  const app = await registerOwnApp(agent);
  const [old, next] = [await newKey('old'), await newKey('next')];
  await sendKeys(app, { jwks: setOf(old.public) });
  let isOver = false;
  let inUse = old;
  const answers: boolean[] = [];
  const work = async () => {
    while (!isOver) answers.push(await getsIn(app, inUse));
  };
  const worker = work();
  await sendKeys(app, { jwks: setOf(old.public, next.public) });
  expect([await getsIn(app, old), await getsIn(app, next)]).toEqual([true, true]);
  inUse = next;
  const sent = answers.length;
  while (answers.length < sent + 2) await getsIn(app, next); // none by the old one is under way
  await sendKeys(app, { jwks: setOf(next.public) });
  expect([await getsIn(app, old), await getsIn(app, next)]).toEqual([false, true]);
  isOver = true;
  await worker;
  expect(answers).not.toContain(false);
});

describe('refused, and nothing is changed', () => {
  test('a private key, in whatever form, of which nothing is kept or shown', async () => {
    const app = await registerOwnApp(agent);
    const key = await newKey('mine');
    const d = String(key.private.d);
    const lines = key.pem.split('\n');
    for (const jwks of [
      setOf((await newKey('other')).public, key.private),
      JSON.stringify(key.private),
      JSON.stringify({ keys: [{ kty: 'oct', k: d }] }),
      key.pem,
      `${setOf(key.private)},`,
    ]) {
      const page = await sendKeys(app, { jwks });
      expect(page.status).toBe(422);
      expect(page.html).toContain('id="jwks-error"');
      for (const secret of [d, lines[1] ?? '']) {
        expect(page.html).not.toContain(secret);
        expect(await writtenOf(app)).not.toContain(secret);
      }
    }
    for (const jwks of [setOf(key.private), JSON.stringify(key.private), key.pem]) {
      const page = await sendKeys(app, { jwks });
      expect(page.html).toContain('This is a private or shared key');
    }
    expect(await secretStatuses(app, app.secret)).toEqual([400, 200]);
  });

  test('what is no key set, and addresses that are not fit', async () => {
    const app = await registerOwnApp(agent);
    const { public: one } = await newKey('one');
    const cases: [Record<string, string>, string][] = [
      [{}, 'Paste a key set, or enter the address'],
      [{ jwks: '{' }, 'Paste the key set as JSON'],
      [{ jwks: '[]' }, 'Paste an object with a list of keys'],
      [{ jwks: setOf({ ...one, use: 'enc' }) }, 'Add a public key that can sign'],
      [{ jwks: setOf(one, one) }, 'Give each key its own kid'],
      [{ jwks: setOf({ ...one, x: 'AAAA' }) }, 'Key 1: Use a public key for signatures'],
      [{ jwks: `{"x":"${'x'.repeat(16_384)}"}` }, 'at most 16,384 characters'],
      [{ jwks: setOf(one), jwks_uri: 'https://a.example/jwks' }, 'Use one of the two'],
      [{ jwks_uri: 'http://a.example/jwks' }, 'Enter a whole https address'],
      [{ jwks_uri: 'https://10.0.0.1/jwks' }, 'Enter a whole https address'],
    ];
    for (const [values, text] of cases.filter(([, said]) => said !== '')) {
      const page = await sendKeys(app, values);
      expect([page.status, values, page.html.includes(text)]).toEqual([422, values, true]);
    }
    const large = await sendKeys(app, { jwks: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
    expect(await secretStatuses(app, app.secret)).toEqual([400, 200]);
  });

  test('a form that was open while somebody else changed the application', async () => {
    const app = await registerOwnApp(agent);
    const [mine, theirs] = [await newKey('mine'), await newKey('theirs')];
    const open = await agent.get(pageOf(app));
    await sendKeys(app, { jwks: setOf(theirs.public) });
    const page = await sendKeys(app, { jwks: setOf(mine.public) }, open);
    expect(page.status).toBe(409);
    expect(page.html).toContain('Somebody else changed this app');
    expect(page.html).toContain('theirs');
    expect([await getsIn(app, theirs), await getsIn(app, mine)]).toEqual([true, false]);
    await agent.submit(page, (fields) => fields, `${pageOf(app)}/keys`); // what was typed is still there
    expect([await getsIn(app, theirs), await getsIn(app, mine)]).toEqual([false, true]);
  });

  test('of what runs in a browser, and of somebody else’s', async () => {
    const browser = await registerOwnApp(agent, { kind: 'browser' });
    const { html } = await agent.get(pageOf(browser));
    expect(html).not.toContain('id="proof"');
    const app = await registerOwnApp(agent);
    const { agent: other } = await newDeveloper(server);
    const open = await agent.get(pageOf(app));
    const sent = await sendKeys(app, { jwks: setOf((await newKey('x')).public) }, open, other);
    expect(sent.status).toBeGreaterThanOrEqual(403);
    expect(await secretStatuses(app, app.secret)).toEqual([400, 200]);
  });
});

test('keys at an address are named by it, until they are fetched', async () => {
  const app = await registerOwnApp(agent);
  const page = await sendKeys(app, { jwks_uri: 'https://lookout.example/jwks.json' });
  expect(page.html).toContain('https://lookout.example/jwks.json');
  expect(page.html).toContain('The keys are fetched when your app signs its first request');
  expect(await writtenOf(app)).toContain('https://lookout.example/jwks.json');
});

test('an organization’s application proves itself by keys as well', async () => {
  const path = '/organizations/acme/applications/own';
  const admin = await signedInAs(server, 'admin@acme.test');
  const app = await registerOwnApp(admin, {}, path);
  const key = await newKey('acme');
  const page = await sendKeys(app, { jwks: setOf(key.public) }, undefined, admin, path);
  expect([page.status, await getsIn(app, key)]).toEqual([200, true]);
});
