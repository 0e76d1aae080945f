/** An organization's own resource servers: what they see of a token, and what a hostile one cannot. */

import { beforeAll, describe, expect, test } from 'vitest';
import { createOwnResourceServer } from '../../src/organizations/resource-servers.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn } from '../operator/operators.ts';
import { freshSlug, inSession, makeWorld, outcomesOf, type World } from '../organizations/world.ts';
import { authorize, expectErrorRedirect } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { demoApi, demoApp, introspectAs, type TestClient } from '../support/oauth.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';

const scope = 'organization:read_databases database:read_database';
const api = forAllTests(startApi);
let home: World;
let at: Record<string, string>;
let admin: Caller;
let rival: World;
let rivalAdmin: Caller;
beforeAll(async () => {
  [home, rival] = [await makeWorld(api.db), await makeWorld(api.db)];
  at = printed(home.ids);
  admin = await api.inBrowser(home.accounts.admin);
  rivalAdmin = await api.inBrowser(rival.accounts.admin);
});

const freshAddress = () => `https://${freshSlug()}.hosts.test/mcp`;
const make = (body: object, caller = admin, of = at) =>
  caller.send(requestOf('createResourceServer', of), { body: { name: 'API', ...body } });

/** Registers one with a secret. */
async function registered(body: object, caller = admin, of = at): Promise<TestClient> {
  const { status, body: made } = await make(body, caller, of);
  expect([status, made]).toEqual([201, expect.objectContaining({ status: 'active' })]);
  const here = { ...of, resource_server: made.id };
  const answer = await caller.send(requestOf('addResourceServerSecret', here));
  expect([answer.status, answer.body.client_id]).toEqual([200, made.id]);
  recordSecret('client_secret', answer.body.client_secret);
  return { id: made.id, secret: answer.body.client_secret, redirectUri: '' };
}

/** A token of somebody in both organizations, who picked both; for one address, where one is said. */
async function tokenOfBoth(audience?: string): Promise<string> {
  const { admin: person } = rival.accounts;
  await api.db.query(
    statement(`
      insert into organization_members (organization_id, account_id, role)
      values ($1, $2, 'organization_admin') on conflict do nothing`),
    [home.ids.organizationId, person],
  );
  const picked = (world: World) => ({ id: world.ids.organizationId, slug: '' });
  const token = await api.tokenFor(person, [
    [undefined, 'user:read_user'],
    [picked(home), scope],
    [picked(rival), scope],
  ]);
  if (audience !== undefined) {
    await api.db.query(
      statement(`
        update tokens set payload = payload || jsonb_build_object('aud', $1::text)
        where issued_at = (select max(issued_at) from tokens)`),
      [audience],
    );
  }
  return token;
}

describe('what it sees of a token', () => {
  test('its organization’s part, by id and in the list; nothing of the account and of others', async () => {
    const audience = freshAddress();
    const server = await registered({ audience });
    const token = await tokenOfBoth(audience);
    const whole = await introspectAs(api, server, token);
    expect(whole).toMatchObject({ active: true, aud: audience, scope: expect.any(String) });
    expect(JSON.stringify(whole)).not.toContain(printed(rival.ids)['organization']);
    const paths = whole.authorization_details.map(
      ({ identifier }: { identifier: string }) => identifier,
    );
    expect(paths).toEqual([at['organization']]);
    for (const resource of [
      printed(rival.ids)['organization'],
      printed(rival.ids)['database'],
      'user',
    ]) {
      const answer = await introspectAs(api, server, token, resource);
      expect([answer.active, answer.scope, answer.resource]).toEqual([true, undefined, undefined]);
    }
    expect(await introspectAs(api, server, token, at['database'])).toMatchObject({
      resource: { identifier: at['database'] },
    });
    expect(await introspectAs(api, demoApi, token)).toEqual({ active: false });
  });

  test('nothing, of a token for another address: that of another, the platform’s, Usher’s own', async () => {
    const server = await registered({ audience: freshAddress() });
    const none = await registered({});
    const theirs = freshAddress();
    await registered({ audience: theirs }, rivalAdmin, printed(rival.ids));
    for (const audience of [theirs, `${api.issuer}/api/v1`]) {
      const token = await tokenOfBoth(audience);
      expect(await introspectAs(api, server, token)).toEqual({ active: false });
      expect(await introspectAs(api, none, token)).toEqual({ active: false });
    }
    expect(await introspectAs(api, none, await tokenOfBoth())).toMatchObject({ active: true });
  });

  test('nothing, of a person who gave nothing in the organization, through the decisions either', async () => {
    const audience = freshAddress();
    const server = await registered({ audience });
    const picked = { id: rival.ids.organizationId, slug: '' };
    const token = await api.tokenFor(rival.accounts.member, [[picked, scope]]);
    expect(await introspectAs(api, server, token)).toEqual({ active: false });
    const answer = await fetch(`${api.issuer}/access/v1/evaluation`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${server.id}:${server.secret}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        subject: { type: 'user', id: `user_${rival.accounts.admin.replaceAll('-', '')}` },
        action: { name: 'view_organization' },
        resource: { type: 'organization', id: printed(rival.ids)['organization'] },
      }),
    });
    expect(await answer.json()).toMatchObject({ decision: false });
  });
});

describe('an address', () => {
  test.each([
    ['of another organization', (theirs: string) => theirs],
    ['the same but for a slash', (theirs: string) => `${theirs}/`],
    ['beside another’s, at its host', (theirs: string) => new URL('/other', theirs).href],
    ['above another’s', (theirs: string) => new URL('/', theirs).href],
  ])('%s is taken', async (_, of) => {
    const theirs = freshAddress();
    await registered({ audience: theirs }, rivalAdmin, printed(rival.ids));
    const { status, body } = await make({ audience: of(theirs) });
    expect([status, body.reason]).toEqual([409, 'address_taken']);
  });

  test('beside the platform’s is taken; at another port of its own host it is another', async () => {
    const run = commandsOn(api.db, api.issuer);
    const platform = freshAddress();
    await run('resource-server', 'add', 'Platform', '--audience', platform);
    const { body } = await make({ audience: `${platform}/acme` });
    expect(body.reason).toBe('address_taken');
    const own = freshAddress();
    expect((await make({ audience: own })).status).toBe(201);
    expect((await make({ audience: `${own}/v2` })).status).toBe(201);
    expect((await make({ audience: own })).body.reason).toBe('address_taken');
  });

  test('may carry the place, and fits nothing else that the organization has', async () => {
    const { origin } = new URL(freshAddress());
    expect((await make({ audience: `${origin}/{database}` })).status).toBe(201);
    const { status, body } = await make({ audience: `${origin}/shop` });
    expect([status, body.errors]).toEqual([
      422,
      [
        {
          field: 'audience',
          message: `must not fit the same addresses as ${origin}/{database}`,
        },
      ],
    ]);
    const scopes = ['organization:read_databases'];
    const wide = await make({ audience: `${origin}/a/{database}`, scopes });
    expect([wide.status, wide.body.errors]).toEqual([
      422,
      [
        {
          field: 'scopes',
          message: 'must hold a scope for what is in the {database} of its address',
        },
      ],
    ]);
  });

  test.each([
    ['at this server', (issuer: string) => `${issuer}/mcp`, 'must not be at this server'],
    ['of the management API', (issuer: string) => `${issuer}/api/v1`, 'must not be at this server'],
    ['in clear', () => 'http://mcp.hosts.test/', 'must be an https address'],
    ['of a scheme of its own', () => 'urn:acme:mcp', 'must be an https address'],
    ['of an IP address', () => 'https://192.0.2.1/mcp', 'must not name an IP address'],
    ['with a query', () => 'https://q.hosts.test/mcp?a=b', 'must not have a query'],
    ['with a fragment', () => 'https://q.hosts.test/mcp#a', 'must not have a fragment'],
    ['with a user', () => 'https://a@q.hosts.test/', 'must not hold a user name or password'],
    ['with a branch before its database', () => 'https://q.hosts.test/{branch}', 'in their order'],
    ['with a part of a segment', () => 'https://q.hosts.test/db-{database}', 'a whole segment'],
    ['in look-alike letters', () => 'https://xn--pple-43d.hosts.test/', 'must not hold look-alike'],
  ])('%s is refused', async (_, address, message) => {
    const { status, body } = await make({ audience: address(api.issuer) });
    expect([status, body.errors]).toEqual([
      422,
      [{ field: 'audience', message: expect.stringContaining(message) }],
    ]);
  });

  test('of the user’s own machine is for development alone', async () => {
    const { organizationId } = home.ids;
    const wish = { name: 'API', audience: `http://localhost:${41_000}/mcp` };
    const person = inSession(home.accounts.admin);
    const [inProduction, inDevelopment] = [
      await outcomesOf(
        createOwnResourceServer(api.db, person, { organizationId, issuer: 'https://u.test' }, wish),
      ),
      await outcomesOf(
        createOwnResourceServer(api.db, person, { organizationId, issuer: 'http://u.test' }, wish),
      ),
    ];
    expect([inProduction, inDevelopment]).toEqual([['invalid'], ['done']]);
  });

  test('of one host, registered by two at once, is one’s', async () => {
    const host = `https://${freshSlug()}.hosts.test`;
    const answers = await Promise.all([
      make({ audience: `${host}/one` }),
      make({ audience: `${host}/two` }, rivalAdmin, printed(rival.ids)),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });
});

describe('what it accepts', () => {
  test('is narrowed and is the default, as it was changed last', async () => {
    const audience = freshAddress();
    const { id } = await registered({ audience, scopes: ['database:read_database'] });
    const here = { ...at, resource_server: id };
    const ask = { resource: audience, scope: 'database:read_branches' };
    const refused = expectErrorRedirect(
      await authorize(api, demoApp, ask),
      demoApp,
      'invalid_scope',
    );
    expect(refused.get('error_description')).toContain('it accepts: database:read_database');
    const scopes = ['database:read_database', 'database:read_branches'];
    const changed = await admin.send(requestOf('changeResourceServer', here), {
      body: { scopes, default_scopes: ['database:read_branches'] },
    });
    expect(changed.body).toMatchObject({
      audience,
      scopes: expect.arrayContaining(scopes),
      default_scopes: ['database:read_branches'],
    });
    expect((await authorize(api, demoApp, ask)).location?.href).toContain('/interaction/');
    const open = await admin.send(requestOf('changeResourceServer', here), {
      body: { scopes: null },
    });
    expect(open.body).toMatchObject({ name: 'API', scopes: null, default_scopes: null });
  });

  test.each([
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['database:fly'] }, 'scopes.0'],
    [{ default_scopes: ['database:read_database'] }, 'default_scopes'],
    [
      { scopes: ['database:read_database'], default_scopes: ['database:read_branches'] },
      'default_scopes',
    ],
    [{ name: 'Usher' }, 'name'],
    [{ audience: 'x'.repeat(8_192) }, 'audience'],
  ])('%j is refused', async (body, field) => {
    const { status, body: problem } = await make(body);
    expect([status, problem.errors?.[0]?.field]).toEqual([422, field]);
  });
});

test('after it is deleted nobody asks in its name, and its address is nobody’s', async () => {
  const audience = freshAddress();
  const server = await registered({ audience });
  const token = await tokenOfBoth(audience);
  expect((await introspectAs(api, server, token)).active).toBe(true);
  await admin.send(requestOf('deleteResourceServer', { ...at, resource_server: server.id }));
  expect((await introspectAs(api, server, token)).error).toBe('invalid_client');
  expect(await introspectAs(api, demoApi, token)).toEqual({ active: false });
  const answer = await authorize(api, demoApp, { resource: audience });
  expectErrorRedirect(answer, demoApp, 'invalid_target');
});

describe('secrets', () => {
  test('are rotated: the new one works, the old one until it is deleted', async () => {
    const server = await registered({ audience: undefined });
    const here = { ...at, resource_server: server.id };
    const { body } = await admin.send(requestOf('addResourceServerSecret', here));
    const next = { ...server, secret: body.client_secret };
    recordSecret('client_secret', next.secret);
    const token = await tokenOfBoth();
    expect((await introspectAs(api, next, token)).active).toBe(true);
    expect((await introspectAs(api, server, token)).active).toBe(true);
    const listed = (await admin.send(requestOf('listResourceServerSecrets', here))).body.items;
    expect(listed).toHaveLength(2);
    const old = { ...here, secret: listed[0].id };
    expect((await admin.send(requestOf('deleteResourceServerSecret', old))).status).toBe(204);
    expect((await introspectAs(api, server, token)).error).toBe('invalid_client');
    expect((await introspectAs(api, next, token)).active).toBe(true);
  });

  test('have a name and an end, which the list says', async () => {
    const { id } = await registered({});
    const here = { ...at, resource_server: id };
    const add = (body: object) => admin.send(requestOf('addResourceServerSecret', here), { body });
    const made = await add({ name: ' Rack 7 ', days: 30 });
    recordSecret('client_secret', made.body.client_secret);
    const [first, second] = (await admin.send(requestOf('listResourceServerSecrets', here))).body
      .items;
    expect([first.name, first.expires_at]).toEqual(['', null]);
    expect(second).toMatchObject({ id: made.body.id, name: 'Rack 7' });
    const days = (Date.parse(second.expires_at) - Date.parse(second.created_at)) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    for (const [body, field] of [
      [{ name: 'a\u202eb' }, 'name'],
      [{ name: 'x'.repeat(65) }, 'name'],
      [{ days: 0 }, 'days'],
    ] as const) {
      const { status, body: answer } = await add(body);
      expect([status, answer.errors[0].field]).toEqual([422, field]);
    }
  });

  test('are five at most, and kept nowhere, whatever key the request brings', async () => {
    const { id } = await registered({});
    const here = { ...at, resource_server: id };
    for (let n = 1; n < 5; n++) {
      const headers = { 'idempotency-key': freshSlug() };
      const { body } = await admin.send(requestOf('addResourceServerSecret', here), { headers });
      recordSecret('client_secret', body.client_secret);
      const kept = await api.db.query(
        statement(`select from idempotency_keys k where position($1 in k::text) > 0`),
        [body.client_secret],
      );
      expect(kept).toEqual([]);
    }
    const more = await admin.send(requestOf('addResourceServerSecret', here));
    expect([more.status, more.body.reason]).toEqual([409, 'too_many']);
  });
});

test('an organization has twenty at most', async () => {
  const world = await makeWorld(api.db);
  const caller = await api.inBrowser(world.accounts.admin);
  const of = printed(world.ids);
  for (let n = 1; n < 20; n++) expect((await make({}, caller, of)).status).toBe(201);
  const more = await make({}, caller, of);
  expect([more.status, more.body.reason]).toEqual([409, 'too_many']);
});
