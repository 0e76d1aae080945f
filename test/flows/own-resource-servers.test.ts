/** An organization's administrator registers a resource server in the browser, and it gets answers. */

import { describe, expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../src/catalogue/scope-set.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { texts } from '../support/texts.ts';
import { type Fields, fill, type Page } from '../support/user-agent.ts';
import { stage } from './stage.ts';

const own = '/organizations/acme/applications/own';
const servers = `${own}/resource-servers`;

const server = forAllTests(startTestServer);
const admin = forAllTests(() => signedInAs(server, stage.administrator));
const member = forAllTests(() => signedInAs(server, stage.member));

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

test('a secret has a name and an end; a form sent twice makes one; a name that is none is refused', async () => {
  const id = idIn(await register());
  const page = await admin.get(`${servers}/${id}`);
  const wish = filled({ name: 'Rack 7', days: '30' });
  const made = await admin.submit(page, wish, '/secrets/add');
  expect(await asks(id, secretIn(made))).toBe(200);
  const again = await admin.submit(page, wish, '/secrets/add');
  expect([again.status, secretIn(again), again.html.match(/Rack 7/g)?.length]).toEqual([
    200,
    '',
    expect.any(Number),
  ]);
  expect(again.html.match(/action="[^"]*\/secrets\/end"/g)).toHaveLength(2);
  expect(again.html).toContain(texts.in('en').text('own-app.secret-ends'));
  const end = statement(
    `update client_secrets set expires_at = now() where client_id = $1 and name = 'Rack 7'`,
  );
  await server.database.db.query(end, [id]);
  expect(await asks(id, secretIn(made))).toBe(401);
  const over = await admin.get(`${servers}/${id}`);
  expect(over.html).toContain(texts.in('en').text('own-app.secret-over'));
  const hidden = await admin.submit(over, filled({ name: 'a\u202eb' }), '/secrets/add');
  expect([hidden.status, hidden.html.includes('a\u202eb')]).toEqual([422, true]);
  const chosen = filled({ secret_id: '3f2a9c1e-5b7d-4e60-a1b2-c3d4e5f60718' });
  expect((await admin.submit(over, chosen, '/secrets/add')).status).toBe(403);
});

/** Sends a form of a resource server with these boxes ticked, and no others. */
const ticked =
  (scopes: readonly string[], defaults: readonly string[], values: Fields = []) =>
  (fields: Fields): Fields => [
    ...fields.filter(
      ([name]) =>
        !['scope', 'default', 'action'].includes(name) && values.every(([other]) => other !== name),
    ),
    ...scopes.map((one): [string, string] => ['scope', one]),
    ...defaults.map((one): [string, string] => ['default', one]),
    ['action', 'save'],
    ...values,
  ];

const askedFor = async (id: string) =>
  server.database.db.query(
    statement('select accepted_scope, default_scope from clients where id = $1'),
    [id],
  );

describe('what is asked for where a request names no scope', () => {
  const [one = '', two = ''] = stage.reading;
  const both = formatScope(parseScopeSet([one, two].join(' ')));
  const text = (key: string) => texts.in('en').text(key);

  test('is chosen in the form, shown, and all that is accepted where nothing is chosen', async () => {
    const id = idIn(await register());
    const edit = await admin.get(`${servers}/${id}/edit`);
    const shown = await admin.submit(edit, ticked([one, two], [two]), '/edit');
    expect(shown.html).toContain(text('own-server.defaults'));
    expect(await askedFor(id)).toEqual([{ accepted_scope: both, default_scope: two }]);
    const again = await admin.get(`${servers}/${id}/edit`);
    const fields = await admin.submit(again, (sent) => sent, '/edit'); // as it was opened
    expect([fields.status, await askedFor(id)]).toEqual([
      200,
      [{ accepted_scope: both, default_scope: two }],
    ]);
    const all = await admin.submit(
      await admin.get(`${servers}/${id}/edit`),
      ticked([one, two], []),
      '/edit',
    );
    expect(all.html).toContain(text('own-server.defaults-all'));
    expect(await askedFor(id)).toEqual([{ accepted_scope: both, default_scope: both }]);
  });

  test('is chosen when it is registered, too', async () => {
    const form = await admin.get(`${servers}/new`);
    const named: Fields = [['name', `Depot ${++made}`]];
    const page = await admin.submit(form, ticked([one, two], [one], named), '/new');
    expect(await askedFor(idIn(page))).toEqual([{ accepted_scope: both, default_scope: one }]);
  });

  test.each([
    ['is not accepted', [one], [two], 'own-server.default-outside'],
    ['is chosen where all is accepted', [], [two], 'own-server.default-outside'],
    ['is unknown', [one], ['database:fly'], 'own-server.scope-unknown'],
    ['is accepted and unknown', ['database:fly'], [], 'own-server.scope-unknown'],
  ] as const)(
    'is refused where a scope %s, and stays chosen',
    async (_how, scopes, defaults, why) => {
      const id = idIn(await register());
      const edit = await admin.get(`${servers}/${id}/edit`);
      const refused = await admin.submit(edit, ticked(scopes, defaults), '/edit');
      expect([refused.status, refused.html.includes(text(why))]).toEqual([422, true]);
      for (const name of defaults.filter((other) => other === two)) {
        expect(refused.html).toMatch(new RegExp(`name="default" value="${name}"[^>]* checked>`));
      }
      expect(await askedFor(id)).toEqual([{ accepted_scope: null, default_scope: null }]);
    },
  );

  test('is said where somebody else changed it while the form was open; nothing is lost', async () => {
    const id = idIn(await register());
    const [mine, theirs] = [
      await admin.get(`${servers}/${id}/edit`),
      await admin.get(`${servers}/${id}/edit`),
    ];
    await admin.submit(theirs, ticked([one, two], [two]), '/edit');
    const renamed = filled({ name: 'Renamed meanwhile', action: 'save' });
    const told = await admin.submit(mine, renamed, '/edit');
    expect([told.status, told.html.includes(text('own-server.outdated'))]).toEqual([409, true]);
    expect(told.html).toContain('value="Renamed meanwhile"');
    expect(told.html).not.toContain(text('own-app-form.nothing'));
    expect(told.html).toMatch(new RegExp(`name="default" value="${two}"[^>]* checked>`));
    expect(await askedFor(id)).toEqual([{ accepted_scope: both, default_scope: two }]);
    const saved = await admin.submit(told, (fields) => fill(fields, 'action', 'save'), '/edit');
    expect([saved.status, saved.html.includes('Renamed meanwhile')]).toEqual([200, true]);
    expect(await askedFor(id)).toEqual([{ accepted_scope: both, default_scope: two }]);
  });
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
