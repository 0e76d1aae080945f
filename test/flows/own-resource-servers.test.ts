/** An organization's administrator registers a resource server in the browser, and it gets answers. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Fields, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { signedInAs } from './portal.ts';
import { stage } from './stage.ts';

const own = '/organizations/acme/applications/own';
const servers = `${own}/resource-servers`;

let server: TestServer;
let admin: UserAgent;
let member: UserAgent;
beforeAll(async () => {
  server = await startTestServer();
  admin = await signedInAs(server, stage.administrator);
  member = await signedInAs(server, stage.member);
});
afterAll(() => server.close());

const filled = (values: Readonly<Record<string, string>>) => (fields: Fields) =>
  Object.entries(values).reduce((all, [name, value]) => fill(all, name, value), fields);

let made = 0;
async function register(values: Readonly<Record<string, string>> = {}): Promise<Page> {
  const usual = {
    action: 'save',
    name: `Depot ${++made}`,
    audience: `https://depot${made}.example/`,
  };
  return admin.submit(await admin.get(`${servers}/new`), filled({ ...usual, ...values }), '/new');
}

const idIn = ({ html }: Page) => /rs_[0-9a-f]{32}/.exec(html)?.[0] ?? '';
const secretIn = ({ html }: Page) => /usher_cs_[\w-]+/.exec(html)?.[0] ?? '';
async function asks(id: string, secret: string): Promise<number> {
  const { status } = await fetch(`${server.issuer}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ token: 'none', resource: 'organizations/acme' }),
  });
  return status;
}

test('it is registered, asks with the secret that is shown once, and rotates it', async () => {
  const page = await register({ scope: stage.reading[0] ?? '' });
  const [id, first] = [idIn(page), secretIn(page)];
  expect([page.status, await asks(id, first)]).toEqual([200, 200]);
  const shown = await admin.get(`${servers}/${id}`);
  expect(shown.html).not.toContain(first);
  expect(shown.html).toContain('https://depot1.example/');
  expect((await admin.get(own)).html).toContain(`${servers}/${id}`);

  const second = secretIn(await admin.submit(shown, (fields) => fields, '/secrets/add'));
  expect([await asks(id, first), await asks(id, second)]).toEqual([200, 200]);
  const ended = await admin.submit(await admin.get(`${servers}/${id}`), (f) => f, '/secrets/end');
  expect(ended.html).toContain('The secret has ended');
  expect([await asks(id, first), await asks(id, second)]).toEqual([401, 200]);
});

test('it is changed but for its address, and deleted; then it gets no answer', async () => {
  const page = await register();
  const [id, secret] = [idIn(page), secretIn(page)];
  const edit = await admin.get(`${servers}/${id}/edit`);
  const change = { action: 'save', name: 'Renamed', audience: 'https://other.example/' };
  const changed = await admin.submit(edit, filled(change), '/edit');
  expect(changed.html).toContain('The resource server is changed');
  expect(changed.html).toContain('Renamed');
  expect(changed.html).not.toContain('other.example');
  const deleted = await admin.submit(changed, (fields) => fields, '/delete');
  expect(deleted.html).toContain('The resource server is deleted');
  expect([await asks(id, secret), (await admin.get(`${servers}/${id}`)).status]).toEqual([
    401, 404,
  ]);
});

test.each([
  ['http://depot.example/', 422, 'Use https.'],
  ['https://depot.example/?a=b', 422, 'Leave out the question mark'],
  ['depot', 422, 'can’t be an API’s address'],
  ['https://depot.example/#there', 422, 'can’t be an API’s address'],
])('the address %s is refused, what was typed is kept', async (audience, status, reason) => {
  const page = await register({ audience, name: 'Kept' });
  expect([page.status, page.html.includes(reason)]).toEqual([status, true]);
  expect(page.html).toContain('value="Kept"');
});

test('an address beside somebody else’s, and a name that is none, are refused', async () => {
  const id = idIn(await register({ audience: 'https://taken.example/a' }));
  const giveAway = statement(`
    update clients set owner_organization_id = (select id from organizations where slug <> 'acme' limit 1)
     where id = $1`);
  await server.database.db.query(giveAway, [id]);
  const taken = await register({ audience: 'https://taken.example/b' });
  expect([taken.status, taken.html.includes('Somebody else has')]).toEqual([409, true]);
  const foreign = await admin.submit(
    await admin.get(`${servers}/new`),
    filled({ action: 'save', name: 'Usher Support', audience: '' }),
    '/new',
  );
  expect([foreign.status, foreign.html.includes('aria-invalid="true"')]).toEqual([422, true]);
});

test('a form sent twice registers once', async () => {
  const form = await admin.get(`${servers}/new`);
  const twice = { action: 'save', name: 'Twice', audience: 'https://twice.example/' };
  const [one, two] = [
    await admin.submit(form, filled(twice), '/new'),
    await admin.submit(form, filled(twice), '/new'),
  ];
  expect([one.status, two.status, idIn(two)]).toEqual([200, 200, idIn(one)]);
  expect(secretIn(two)).toBe('');
  expect((await admin.get(own)).html.match(/>Twice /g)?.length ?? 0).toBeLessThanOrEqual(1);
});

test('a member sees none of it and sends nothing; of a person’s own there are none', async () => {
  const id = idIn(await register());
  for (const path of [`${servers}/new`, `${servers}/${id}`, `${servers}/${id}/edit`]) {
    expect([path, (await member.get(path)).status]).toEqual([path, 403]);
  }
  for (const [path, action] of [
    [`${servers}/new`, '/new'],
    [`${servers}/${id}`, '/secrets/add'],
    [`${servers}/${id}`, '/delete'],
    [`${servers}/${id}/edit`, '/edit'],
  ] as const) {
    const page = await admin.get(path);
    expect([action, (await member.submit(page, (fields) => fields, action)).status]).toEqual([
      action,
      403,
    ]);
  }
  expect((await admin.get(`${servers}/${id}`)).status).toBe(200);
  const none = await admin.get('/account/applications/own/resource-servers/new');
  expect(none.status).toBe(404);
});
