/** An application that is known by the address of its document, from a real https host. */

import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClientDocuments } from '../../src/applications/documents/client-documents.ts';
import { sweepUnusedApplications } from '../../src/applications/sweep.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn } from '../operator/operators.ts';
import { claimsOf, postWithAssertion } from '../support/assertions.ts';
import { authorize } from '../support/authorize.ts';
import { type DocumentHost, startDocumentHost } from '../support/document-host.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  introspectAs,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
  signInFor,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const scope = 'database:read_database';
let host: DocumentHost;
let server: TestServer;
beforeAll(async () => {
  host = await startDocumentHost();
  server = await startTestServer({ CLIENT_DOCUMENTS_ON_LOOPBACK: 'on' });
});
afterAll(async () => {
  await server.close();
  await host.close();
});
beforeEach(() => {
  host.asked.length = 0;
});

function run(text: string, ...values: unknown[]) {
  return server.database.db.query<Record<string, unknown>>(statement(text), values);
}

/** As if so long had passed since a document was fetched. */
async function age(id: string, interval: string): Promise<void> {
  await run(
    `update client_documents set fetched_at = fetched_at - $2::interval,
       fresh_until = fresh_until - $2::interval, retry_at = retry_at - $2::interval where client_id = $1`,
    id,
    interval,
  );
}

let count = 0;
function publish(document?: Record<string, unknown>, headers?: Record<string, string>): TestClient {
  const id = host.publish(`/${++count}/client.json`, document, headers);
  return { id, secret: undefined, redirectUri: 'http://127.0.0.1:4567/callback' };
}

/** What the description on the error page says. */
async function reasonFor(id: string): Promise<string> {
  const answer = await authorize(server, {
    id,
    secret: undefined,
    redirectUri: 'http://127.0.0.1/callback',
  });
  expect(answer.location).toBeUndefined();
  expect(answer.status).toBeGreaterThanOrEqual(400);
  return answer.html;
}

test('is announced, together with clients that have no secret', async () => {
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    const answer = await fetch(`${server.issuer}/.well-known/${name}`);
    expect(await answer.json()).toMatchObject({
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none']),
    });
  }
});

describe('an application with a document', () => {
  test('gets tokens as any other, and its document is fetched once', async () => {
    const client = publish({ client_name: 'Claude', unknown_member: { a: 1 } });
    const first = await signInFor(
      createUserAgent(server.issuer),
      authorizationRequest(server, client, scope).url,
      dba,
    );
    expect(first.html).toContain('localhost');
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const tokens = await obtainTokens(server, client, dba, scope);
    const answer = await introspectAs(server, demoApi, tokens.access_token);
    expect(answer).toMatchObject({ active: true, client_id: client.id, scope });
    const again = await refresh(server, client, tokens.refresh_token);
    expect(again.status).toBe(200);
    expect(host.asked).toEqual([new URL(client.id).pathname]);
    expect(
      await run('select name, is_dynamic, metadata from clients where id = $1', client.id),
    ).toEqual([
      {
        name: 'localhost',
        is_dynamic: true,
        metadata: expect.objectContaining({ claimedName: 'Claude' }),
      },
    ]);
  });

  test('is warned of, by its host, as unverified', async () => {
    const client = publish({ client_name: 'Acme Backup' });
    const { url } = authorizationRequest(server, client, scope);
    const page = await signInFor(createUserAgent(server.issuer), url, dba);
    expect(page.html).toContain('localhost asks for access');
    expect(page.html).toContain('Acme Backup');
    expect(page.html).toContain('Not verified');
  });

  test('may name an ID token for itself by its address', async () => {
    const client = publish();
    await authorize(server, client);
    await consentTo(server, client, dba, `openid ${scope}`, ['acme/shop']);
    const { id_token: token } = await obtainTokens(server, client, dba, `openid ${scope}`);
    expect(JSON.parse(atob(token.split('.')[1]))).toMatchObject({ aud: client.id });
  });

  test('ignores what is not offered here', async () => {
    const client = publish({
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      scope: 'mcp:tools database:read_database nonsense',
      redirect_uris: ['http://127.0.0.1/callback', 'javascript:alert(1)', 'http://intranet/x'],
      client_uri: 'http://insecure.test/',
      logo_uri: 'data:image/png;base64,AAAA',
      response_types: ['code', 'none'],
      contacts: 'nobody',
      tos_uri: 7,
    });
    const answer = await authorize(server, client);
    expect(answer.location?.pathname).toMatch(/^\/interaction\//);
    const [row] = await run(
      'select grant_types, redirect_uris from clients where id = $1',
      client.id,
    );
    expect(row).toEqual({
      grant_types: ['authorization_code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    });
  });
});

describe('a document is refused', () => {
  const documents: [string, Record<string, unknown>, RegExp][] = [
    [
      'of another client_id',
      { client_id: 'https://localhost/other.json' },
      /names another client_id/,
    ],
    ['with a secret', { client_secret: 'x'.repeat(32) }, /asks for a secret/],
    [
      'with a secret to come',
      { token_endpoint_auth_method: 'client_secret_basic' },
      /asks for a secret/,
    ],
    ['without redirect URIs', { redirect_uris: [] }, /must have redirect_uris/],
    [
      'whose redirect URIs are all unusable',
      { redirect_uris: ['http://evil.test/'] },
      /none can be used/,
    ],
    [
      'with keys that are needed and not there',
      { token_endpoint_auth_method: 'private_key_jwt' },
      /jwks_uri is required/,
    ],
  ];
  test.each(documents)('%s', async (_what, document, reason) => {
    const { id } = publish(document);
    expect(await reasonFor(id)).toMatch(reason);
    expect(await run('select id from clients where id = $1', id)).toEqual([]);
  });

  const addresses: [string, string, RegExp][] = [
    ['without a path', '/', /must have a path/],
    ['with a fragment', '/a.json#x', /fragment/],
    ['with dot segments', '/a/%2e%2e/b.json', /dot segments|normal form/],
    ['of 600 characters', `/${'a'.repeat(600)}`, /at most 512/],
  ];
  test.each(addresses)('whose address is one %s', async (_what, path, reason) => {
    expect(await reasonFor(host.origin + path)).toMatch(reason);
    expect(host.asked).toEqual([]);
  });

  test.each([
    'http://localhost:1/a.json',
    'https://10.0.0.1/a.json',
    'https://user@localhost/a.json',
  ])('%s', async (id) => {
    expect(await reasonFor(id)).toContain('client_id must');
  });
});

describe('a host that does not behave', () => {
  test.each<[string, (path: string) => void, RegExp]>([
    ['hangs', (path) => host.pages.set(path, () => {}), /could not be fetched/],
    [
      'drips',
      (path) =>
        host.pages.set(path, (_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          const timer = setInterval(() => response.write(' '), 100);
          response.on('close', () => clearInterval(timer));
        }),
      /could not be fetched/,
    ],
    [
      'redirects',
      (path) =>
        host.pages.set(path, (_request, response) => {
          response.writeHead(302, { location: `${host.origin}/elsewhere.json` }).end();
        }),
      /status 302/,
    ],
    [
      'answers HTML',
      (path) =>
        host.pages.set(path, (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Are you human?');
        }),
      /came as no JSON/,
    ],
    [
      'answers 6 KiB',
      (path) => host.publish(path, { padding: 'x'.repeat(6_000) }),
      /could not be fetched/,
    ],
    [
      'answers 10 MB',
      (path) =>
        host.pages.set(path, (_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(Buffer.alloc(10_000_000, 0x20));
        }),
      /could not be fetched/,
    ],
    [
      'answers a bomb',
      (path) =>
        host.pages.set(path, (_request, response) => {
          const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
          response.writeHead(200, headers).end(gzipSync(Buffer.alloc(10_000_000, 0x20)));
        }),
      /could not be fetched/,
    ],
    ['answers 404', () => {}, /status 404/],
  ])('%s', async (what, serve, reason) => {
    const path = `/bad/${what.replaceAll(' ', '-')}.json`;
    serve(path);
    expect(await reasonFor(host.origin + path)).toMatch(reason);
    expect(host.asked).toEqual([path]);
  });
});

describe('a document that changes', () => {
  test('is fetched again when its time is over, at the token endpoint too', async () => {
    const client = publish({}, { 'cache-control': 'max-age=600' });
    await authorize(server, client);
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const tokens = await obtainTokens(server, client, dba, scope);
    await age(client.id, '9 minutes');
    expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
    expect(host.asked).toHaveLength(1);
    await age(client.id, '2 minutes');
    host.publish(new URL(client.id).pathname, { client_name: 'Renamed' });
    await authorize(server, client);
    expect(host.asked).toHaveLength(2);
    const [row] = await run(
      `select metadata->>'claimedName' as claimed from clients where id = $1`,
      client.id,
    );
    expect(row).toEqual({ claimed: 'Renamed' });
  });

  test('ends the consents where codes would go to another host', async () => {
    const client = publish();
    await authorize(server, client);
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const tokens = await obtainTokens(server, client, dba, scope);
    host.publish(new URL(client.id).pathname, {
      redirect_uris: ['https://taken-over.test/callback'],
    });
    await age(client.id, '1 hour');
    const answer = await refresh(server, client, tokens.refresh_token);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await introspectAs(server, demoApi, tokens.access_token)).toEqual({ active: false });
  });

  test('counts on for a day when it cannot be fetched, then rests until it can', async () => {
    const client = publish();
    await authorize(server, client);
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const { code, verifier } = await obtainCode(server, client, dba, scope);
    host.pages.delete(new URL(client.id).pathname);
    await age(client.id, '23 hours');
    const tokens = (await redeem(server, client, code, verifier)).body;
    expect(tokens.access_token).toBeDefined();
    await age(client.id, '2 hours');
    const rests = await refresh(server, client, tokens.refresh_token);
    expect(rests).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(rests.headers.get('retry-after')).toBeTruthy();
    host.publish(new URL(client.id).pathname);
    await age(client.id, '1 hour');
    expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
  });
});

test('many who come at once make one request of one host', async () => {
  const client = publish();
  await Promise.all(Array.from({ length: 12 }, () => authorize(server, client)));
  expect(host.asked).toHaveLength(1);
});

describe('private_key_jwt with keys at an address', () => {
  const algorithms = ['ES256', 'RS256'] as const;
  const pairs = {
    ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  };

  async function publishKeys(path: string, alg: (typeof algorithms)[number], kid: string) {
    const { publicKey, privateKey } = pairs[alg]();
    const keys = [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }];
    const body = JSON.stringify({ keys });
    host.pages.set(path, (_request, response) => {
      const headers = { 'content-type': 'application/json', 'cache-control': 'max-age=3600' };
      response.writeHead(200, headers).end(body);
    });
    return (id: string) =>
      new SignJWT(claimsOf(id, server.issuer)).setProtectedHeader({ alg, kid }).sign(privateKey);
  }

  test.each(algorithms)('%s, and a new key counts at once', async (alg) => {
    const keys = `/${alg}/jwks.json`;
    const client = publish({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: host.origin + keys,
    });
    const sign = await publishKeys(keys, alg, 'one');
    await authorize(server, client);
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const { code, verifier } = await obtainCode(server, client, dba, scope);
    const fields = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: client.redirectUri,
    };
    const wrong = await (await publishKeys('/other.json', alg, 'one'))(client.id);
    expect((await postWithAssertion(server, '/oauth/token', wrong, fields)).body).toMatchObject({
      error: 'invalid_client',
    });
    const tokens = await postWithAssertion(server, '/oauth/token', await sign(client.id), fields);
    expect(tokens.status).toBe(200);
    const signAnew = await publishKeys(keys, alg, 'two');
    await run(`update client_key_sets set retry_at = now() where client_id = $1`, client.id);
    const refreshed = await postWithAssertion(server, '/oauth/token', await signAnew(client.id), {
      grant_type: 'refresh_token',
      refresh_token: tokens.body.refresh_token,
    });
    expect(refreshed.status).toBe(200);
  });
});

test('one that nobody took up is forgotten after a day, one in use and a pinned one are not', async () => {
  const [unused, used, pinned] = [publish(), publish(), publish()];
  for (const client of [unused, used, pinned]) {
    await authorize(server, client);
    await age(client.id, '25 hours');
  }
  await consentTo(server, used, dba, scope, ['acme/shop']);
  await run('update client_documents set is_pinned = true where client_id = $1', pinned.id);
  await sweepUnusedApplications(server.database.db, 30);
  const ids = [unused, used, pinned].map(({ id }) => id);
  const left = await run('select id from clients where id = any($1::text[])', ids);
  expect(left.map(({ id }) => id).toSorted()).toEqual([used.id, pinned.id].toSorted());
});

test('ten thousand that nobody took up stand in the way of nobody, and go in batches', async () => {
  const known = publish();
  await authorize(server, known);
  await consentTo(server, known, dba, scope, ['acme/shop']);
  await run(`
    insert into clients (id, name, auth_method, is_dynamic)
    select 'https://crowd.test/' || n || '.json', 'crowd.test', 'none', true
    from generate_series(1, 10000) n`);
  await run(`
    insert into client_documents (client_id, host, fetched_at, fresh_until)
    select id, 'crowd.test', now() - interval '25 hours', now() - interval '24 hours'
    from clients where name = 'crowd.test'`);
  const left = async () =>
    (await run(`select count(*)::int as all from clients where name = 'crowd.test'`))[0]?.['all'];
  const tokens = await obtainTokens(server, known, dba, scope);
  expect(await introspectAs(server, demoApi, tokens.access_token)).toMatchObject({ active: true });
  expect(await sweepUnusedApplications(server.database.db, 30)).toBe(true);
  expect(await left()).toBe(9_900);
  await run(`delete from clients where name = 'crowd.test'`);
});

describe('an organization', () => {
  const admin = 'admin@acme.test';
  const policy = (to: string) =>
    run(`update organizations set application_policy = $1 where slug = 'acme'`, to);
  const reach = async (token: string) =>
    (await introspectAs(server, demoApi, token)).authorization_details?.length;

  test('lets it in once it is approved, or verified, and sees it by its host', async () => {
    const client = publish({ client_name: 'Acme Backup' });
    await authorize(server, client);
    await consentTo(server, client, dba, scope, ['acme/shop']);
    const { access_token: token } = await obtainTokens(server, client, dba, scope);
    expect(await reach(token)).toBe(1);
    try {
      await policy('approval_required');
      expect(await reach(token)).toBe(0);
      const { url } = authorizationRequest(server, client, scope);
      const page = await signInFor(createUserAgent(server.issuer), url, 'developer@acme.test');
      expect(page.html).toContain('lets apps in only after an administrator approves them');
      await run(
        `insert into application_approvals (organization_id, client_id)
         select id, $1 from organizations where slug = 'acme'`,
        client.id,
      );
      expect(await reach(token)).toBe(1);

      await run('delete from application_approvals where client_id = $1', client.id);
      await policy('verified_only');
      expect(await reach(token)).toBe(0);
      await commandsOn(server.database.db, server.issuer)('application', 'verify', client.id);
      expect(await reach(token)).toBe(1);
    } finally {
      await policy('open');
    }
    const agent = createUserAgent(server.issuer);
    const list = await signInFor(agent, `${server.issuer}/organizations/acme/applications`, admin);
    expect(list.html).toContain('localhost');
    expect(list.html).not.toContain('Acme Backup');
    const own = createUserAgent(server.issuer);
    const apps = await signInFor(own, `${server.issuer}/account/applications`, dba);
    expect(apps.html).toContain('localhost');
    expect(apps.html).not.toMatch(/<h[1-6][^>]*>[^<]*Acme Backup/);
  });
});

test('thousands of documents of one host make a few rows', async () => {
  const crowd = createClientDocuments(server.database.db, {
    onlyListedHosts: false,
    loopback: true,
    production: false,
    introductionsPerHour: 20,
  });
  const counted = async () =>
    (await run('select count(*)::int as all from client_documents'))[0]?.['all'];
  const before = Number(await counted());
  const outcomes = new Map<string, number>();
  for (let index = 0; index < 60; index++) {
    const id = host.publish(`/crowd/${index}.json`);
    const { outcome } = await crowd.resolve(id, { address: '198.18.0.1', userAgent: undefined });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect(outcomes).toEqual(
    new Map([
      ['ready', 20],
      ['unavailable', 40],
    ]),
  );
  expect(await counted()).toBe(before + 20);
  const networks = Array.from({ length: 400 }, (_value, index) => `10.${index % 250}.${index}.1`);
  let refused = 0;
  for (const [index, address] of networks.entries()) {
    const id = `${host.origin}/nowhere/${index}.json`;
    if ((await crowd.resolve(id, { address, userAgent: undefined })).outcome === 'unavailable')
      refused++;
  }
  expect(refused).toBeGreaterThanOrEqual(100);
});
