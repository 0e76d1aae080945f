/** An organization's own applications, and a person's, by the API: the same use cases as the portal's pages. */

import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { printId } from '../../src/lib/ids.ts';
import { memberRole } from '../../src/members/roles.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { makeWorld, type World } from '../organizations/world.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { blackPng, picture, svg } from '../support/pictures.ts';
import { type ApiServer, type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

let api: ApiServer;
let world: World;
let at: Record<string, string>;
let admin: Caller;
let names: NameServer;
beforeAll(async () => {
  names = await startNameServer();
  api = await startApi({ DNS_SERVERS: names.address });
  world = await makeWorld(api.db);
  at = printed(world.ids);
  admin = await api.inBrowser(world.accounts.admin);
});
afterAll(async () => {
  names.close();
  await api.close();
});

const usual = { name: 'Lookout', redirect_uris: ['https://lookout.example/callback'] };

/** A new application of the organization's. @returns the ids of its address. */
const created = () => createdOf('Owned', 'owned_application', 'web');

/** A new application. @returns the ids of its address, its own also as `id`. */
async function createdOf(word: string, name: string, kind: string) {
  const answer = await admin.send(requestOf(`create${word}Application`, at), {
    body: { kind, ...usual },
  });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  const id: string = answer.body.id;
  return { ...at, [name]: id, id };
}

async function getsIn(id: string, secret: string): Promise<boolean> {
  const { status } = await fetch(`${api.issuer}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ token: 'x' }),
  });
  return status === 200;
}

/** The same operations on both. */
const owners = [
  ['an organization', 'Owned', 'owned_application', 'client_secret'],
  ['a person', 'Personal', 'personal_application', 'personal_secret'],
] as const;

describe.each(owners)('of %s', (_owner, word, name, secret) => {
  const create = (kind = 'web') => createdOf(word, name, kind);

  test('it is registered without a secret; each is told once, and fails once it was ended', async () => {
    const here = await create();
    const add = () => admin.send(requestOf(`add${word}Secret`, here), { body: { name: 'A' } });
    const [one, two] = [(await add()).body, (await add()).body];
    expect(await getsIn(here.id, one.client_secret)).toBe(true);
    expect(await getsIn(here.id, two.client_secret)).toBe(true);
    const listed = await admin.send(requestOf(`list${word}Secrets`, here));
    expect(listed.text).not.toContain(one.client_secret);
    const gone = { ...here, [secret]: one.id };
    expect((await admin.send(requestOf(`end${word}Secret`, gone))).status).toBe(204);
    expect(await getsIn(here.id, one.client_secret)).toBe(false);
    expect(await getsIn(here.id, two.client_secret)).toBe(true);
  });

  test('a repeated request of one idempotency key is told no secret', async () => {
    const here = await create();
    const headers = { 'idempotency-key': 'once' };
    const add = async () =>
      (await admin.send(requestOf(`add${word}Secret`, here), { body: {}, headers })).body
        .client_secret;
    expect(await add()).not.toBe(await add());
    expect(
      (await admin.send(requestOf(`add${word}Secret`, await create('native')), { body: {} }))
        .status,
    ).toBe(422);
  });

  test('of two who change one version, the second is refused and overwrites nothing', async () => {
    const here = await create();
    const etag =
      (await admin.send(requestOf(`read${word}Application`, here))).headers.get('etag') ?? '';
    const change = (name: string) =>
      admin.send(requestOf(`change${word}Application`, here), {
        body: { ...usual, name },
        headers: { 'if-match': etag },
      });
    expect([(await change('First')).status, (await change('Second')).status]).toEqual([200, 412]);
    expect((await admin.send(requestOf(`read${word}Application`, here))).body.name).toBe('First');
  });

  test('each field that cannot be taken says why', async () => {
    const body = {
      kind: 'web',
      name: 'Usher Support',
      redirect_uris: ['https://fit.example/', 'http://a.example/cb', 'https://*.b.example/'],
      home_page: 'https://10.0.0.1/',
    };
    const answer = await admin.send(requestOf(`create${word}Application`, at), { body });
    expect(answer.status).toBe(422);
    const fields = answer.body.errors.map(({ field }: { field: string }) => field).toSorted();
    expect(fields).toEqual(['home_page', 'name', 'redirect_uris.1', 'redirect_uris.2']);
    const many = {
      ...body,
      redirect_uris: Array.from({ length: 10_000 }, (_, n) => `https://a.example/${n}`),
    };
    const refused = await admin.send(requestOf(`create${word}Application`, at), { body: many });
    expect(refused.status).toBeOneOf([413, 422]);
  });

  test('the list comes in parts', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await admin.send(
        `${requestOf(`list${word}Applications`, at)}?limit=2${cursor}`,
      );
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(seen.length).toBeGreaterThan(3);
    expect([...new Set(seen)].toSorted()).toEqual(seen);
  });

  test('it has a logo, which its answer tells where to find; a fault is told by its field', async () => {
    const here = await create();
    const put = (file: Buffer) =>
      admin.send(requestOf(`put${word}Logo`, here), { body: { image: file.toString('base64') } });
    const { status, body } = await put(await picture());
    expect([status, body.logo]).toEqual([
      200,
      expect.stringMatching(/^\/application-logos\/[\w-]{43}$/),
    ]);
    const shown = await fetch(api.issuer + body.logo);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/webp']);
    for (const file of [svg, Buffer.from('PK'), blackPng(30_000, 8_000)]) {
      const refused = await put(file);
      expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'image']);
    }
    expect((await put(Buffer.alloc(900 * 1024))).status).toBe(413);
    expect((await put(Buffer.alloc(520 * 1024))).status).toBe(422);
    expect((await admin.send(requestOf(`read${word}Application`, here))).body.logo).toBe(body.logo);
    expect((await admin.send(requestOf(`delete${word}Logo`, here))).status).toBe(204);
    expect((await fetch(api.issuer + body.logo)).status).toBe(404);
  });

  test('keys take the place of secrets at once, and give it back; a private key is refused', async () => {
    const here = await create();
    const { body: made } = await admin.send(requestOf(`add${word}Secret`, here), { body: {} });
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const put = (body: object) => admin.send(requestOf(`put${word}Keys`, here), { body });
    const secretKey = await exportJWK(privateKey);
    const refused = await put({ jwks: { keys: [secretKey] } });
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'jwks.keys.0']);
    expect(refused.text).not.toContain(secretKey.d);
    expect((await put({})).status).toBe(422);
    expect(await getsIn(here.id, made.client_secret)).toBe(true);

    const jwk = await exportJWK(publicKey);
    expect((await put({ jwks: { keys: [jwk] } })).status).toBe(204);
    expect(await getsIn(here.id, made.client_secret)).toBe(false);
    const listed = await admin.send(requestOf(`read${word}Keys`, here));
    expect(listed.body).toMatchObject({ jwks_uri: null, keys: [{ x: jwk.x }] });
    expect((await put({ jwks_uri: 'https://lookout.example/jwks' })).status).toBe(204);
    expect((await admin.send(requestOf(`read${word}Keys`, here))).body).toEqual({
      jwks_uri: 'https://lookout.example/jwks',
      keys: [],
    });

    const ended = await admin.send(requestOf(`delete${word}Keys`, here));
    expect([ended.status, ended.body.client_id]).toEqual([200, here.id]);
    expect(await getsIn(here.id, ended.body.client_secret)).toBe(true);
    expect((await admin.send(requestOf(`read${word}Keys`, here))).status).toBe(404);
    const native = await create('native');
    const none = await admin.send(requestOf(`put${word}Keys`, native), {
      body: { jwks: { keys: [jwk] } },
    });
    expect([none.status, none.body.errors[0].field]).toEqual([422, 'kind']);
  });

  test('what happened to it is told, and nothing of whom it was about', async () => {
    const here = await create();
    const { body: made } = await admin.send(requestOf(`add${word}Secret`, here), { body: {} });
    const ask = (secret: string, code: string) =>
      fetch(`${api.issuer}/oauth/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${here.id}:${secret}`).toString('base64')}`,
        },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: usual.redirect_uris[0] ?? '',
          code_verifier: 'x'.repeat(43),
        }),
      });
    await ask('wrong', 'none');
    await ask(made.client_secret, 'none');
    const read = async () => (await admin.send(requestOf(`read${word}Activity`, here))).body;
    await expect.poll(async () => (await read()).problems.length).toBe(2);
    const { problems, flows, days } = await read();
    const told = problems.map(({ event, reason }: Record<string, string>) => `${event} ${reason}`);
    expect(told.toSorted()).toEqual([
      'client_refused client-secret',
      'exchange_refused code-unknown',
    ]);
    expect(flows).toMatchObject([
      { steps: [{ event: 'exchange_refused', reason: 'code-unknown' }] },
    ]);
    expect(days).toMatchObject([{ counts: { client_refused: 1, exchange_refused: 1 } }]);
  });

  test('the domain of its home page is proved by the record that is read here', async () => {
    const here = await create();
    const check = () => admin.send(requestOf(`check${word}Domain`, here));
    const read = () => admin.send(requestOf(`read${word}Domain`, here));
    expect([(await read()).status, (await check()).body.errors[0].field]).toEqual([
      404,
      'home_page',
    ]);
    const home = { ...usual, home_page: 'https://lookout.example/' };
    await admin.send(requestOf(`change${word}Application`, here), { body: home });
    const { body: domain } = await read();
    names.records.delete(domain.record.name);
    expect(domain).toMatchObject({ host: 'lookout.example', proved_at: null });
    expect((await check()).body).toEqual({ outcome: 'not_found', found: [] });
    names.records.set(domain.record.name, 'hang');
    expect((await check()).body).toEqual({ outcome: 'no_answer', found: [] });
    expect((await read()).body.proved_at).toBeNull();
    names.records.set(domain.record.name, [domain.record.value]);
    expect((await check()).body).toEqual({ outcome: 'proved', found: [] });
    expect((await read()).body.proved_at).not.toBeNull();
  });
});

test('has fifty managers at most, and who is one may be named again', async () => {
  const here = { ...(await created()), member: printed(world.ids)['member'] ?? '' };
  const { organizationId } = world.ids;
  await api.db.query(
    statement(`
      with people as (
        insert into accounts (id, name, email)
        select gen_random_uuid(), 'Manager', gen_random_uuid() || '@usher.test'
          from generate_series(1, 49) returning id),
      members as (
        insert into organization_members (organization_id, account_id, role)
        select $1, id, $3 from people returning account_id)
      insert into client_managers (organization_id, client_id, account_id)
      select $1, $2, account_id from members`),
    [organizationId, here.id, memberRole],
  );
  expect((await admin.send(requestOf('nameManager', here))).status).toBe(200);
  expect((await admin.send(requestOf('nameManager', here))).status).toBe(200);
  const own = await api.inBrowser(world.accounts.admin);
  const one = { ...here, member: printId('user', world.accounts.admin) };
  const answer = await own.send(requestOf('nameManager', one));
  expect([answer.status, answer.body.reason]).toEqual([409, 'too_many']);
  expect((await admin.send(requestOf('dropManager', here))).status).toBe(204);
});

test('a manager does what managers may, until they are none', async () => {
  const here = { ...(await created()), member: printed(world.ids)['member'] ?? '' };
  const manager = await api.inBrowser(world.ids.accountId);
  const change = (body: object) =>
    manager.send(requestOf('changeOwnedApplication', here), { body: { ...usual, ...body } });
  expect((await change({ name: 'Early' })).status).toBe(403);
  expect((await admin.send(requestOf('nameManager', here))).status).toBe(200);
  expect((await change({ name: 'Watch' })).status).toBe(200);
  expect((await change({ redirect_uris: ['https://evil.example/'] })).status).toBe(403);
  expect((await change({ scopes: ['database:read_database'] })).status).toBe(403);
  expect((await manager.send(requestOf('deleteOwnedApplication', here))).status).toBe(403);
  expect((await manager.send(requestOf('nameManager', here))).status).toBe(403);
  const listed = await manager.send(requestOf('listOwnedApplications', at));
  expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([here.id]);
  expect((await manager.send(requestOf('dropManager', here))).status).toBe(204);
  expect((await change({ name: 'Late' })).status).toBe(403);
  expect((await manager.send(requestOf('listOwnedApplications', at))).status).toBe(403);
});

describe('a person’s own', () => {
  const personal = () => createdOf('Personal', 'personal_application', 'web');
  const personalRoutes = routes.filter(({ address }) => address.includes(' /user/applications'));

  test('are listed to the person alone, and are nobody else’s, an administrator’s neither', async () => {
    const here = await personal();
    const other = await api.inBrowser(world.accounts.member);
    const listed = async (who: Caller) =>
      (await who.send(requestOf('listPersonalApplications', at))).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await listed(admin)).toContain(here.id);
    expect(await listed(other)).toEqual([]);
    expect((await other.send(requestOf('readPersonalApplication', here))).status).toBe(404);
    const asOwned = { ...at, owned_application: here.id };
    expect((await admin.send(requestOf('readOwnedApplication', asOwned))).status).toBe(404);
    const owned = { ...at, personal_application: (await created()).id };
    expect((await admin.send(requestOf('readPersonalApplication', owned))).status).toBe(404);
  });

  test.each(personalRoutes.map(({ id }) => id))(
    '%s: not by token, whatever it may do',
    async (id) => {
      const here = { ...at, personal_application: world.ids.personalApplicationId };
      for (const caller of [
        await api.byToken(world.accounts.admin, world.ids.organizationId),
        await api.byService(),
      ]) {
        const answer = await caller.send(requestOf(id, here), { body: samples[id]?.body });
        expect([answer.status, answer.body.reason]).toEqual([403, 'not_by_token']);
      }
    },
  );

  test('are twenty at most, also of two requests at once', async () => {
    const someone = await api.inBrowser(world.accounts.developer);
    const create = () =>
      someone.send(requestOf('createPersonalApplication', at), { body: { kind: 'web', ...usual } });
    for (let made = 0; made < 19; made += 1) expect((await create()).status).toBe(201);
    const both = await Promise.all([create(), create()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(both.find(({ status }) => status === 409)?.body.reason).toBe('too_many');
  });

  test('are in the audit log of no organization, and end with the account', async () => {
    const account = world.accounts.reader;
    const someone = await api.inBrowser(account);
    const made = await someone.send(requestOf('createPersonalApplication', at), {
      body: { kind: 'web', ...usual },
    });
    const here = { ...at, personal_application: made.body.id };
    const added = await someone.send(requestOf('addPersonalSecret', here), { body: {} });
    expect(await getsIn(made.body.id, added.body.client_secret)).toBe(true);
    const events = await api.db.query(
      statement(`
        select action, actor_account_id, organization_id from audit_events
         where subject = $1 order by action`),
      [made.body.id],
    );
    const by = { actor_account_id: account, organization_id: null };
    expect(events).toEqual([
      { action: 'application.created', ...by },
      { action: 'client_secret.added', ...by },
    ]);
    expect((await someone.send('DELETE /user')).status).toBe(204);
    expect(await getsIn(made.body.id, added.body.client_secret)).toBe(false);
  });
});
