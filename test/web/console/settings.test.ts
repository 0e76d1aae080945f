/** Name and slug of an organization, changed by people at browsers without JavaScript. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../../../src/storage/engine/database.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let agent: UserAgent;
beforeAll(async () => {
  server = await startTestServer();
  agent = await signedIn('admin@acme.test');
});
afterAll(() => server.close());

async function signedIn(email: string): Promise<UserAgent> {
  const by = createUserAgent(server.issuer);
  await signInFor(by, `${server.issuer}/sign-in`, email);
  return by;
}

const rename = (by: UserAgent, page: Page, name: string, slug: string) =>
  by.submit(page, (fields) => fill(fill(fields, 'name', name), 'slug', slug), '/settings/name');

const named = async () => {
  const sql = statement(`select name, slug from organizations where slug like 'acme%'`);
  return (await server.database.db.query<{ name: string; slug: string }>(sql))[0];
};

test('a change is said on the next page, to whoever made it alone, and can be undone', async () => {
  const done = await rename(
    agent,
    await agent.get('/organizations/acme/settings'),
    'Acme 2',
    'acme-2',
  );
  expect([done.status, new URL(done.url).pathname]).toEqual([
    200,
    '/organizations/acme-2/settings',
  ]);
  expect(done.html).toContain('is called Acme 2 now, and its address is acme-2.');
  const vault = await signedIn('admin@vault.test');
  const elsewhere = done.url.replace('/acme-2/', '/vault/');
  expect((await vault.get(elsewhere)).html).not.toContain('Acme 2');
  const undone = await agent.submit(done, (fields) => fields, '/settings/name');
  expect(undone.html).toContain('its address is acme.');
  expect(await named()).toEqual({ name: 'Acme', slug: 'acme' });
});

test('of two who change one state, the second sees what the first did, and overwrites nothing', async () => {
  const [one, two] = [
    await agent.get('/organizations/acme/settings'),
    await agent.get('/organizations/acme/settings'),
  ];
  await rename(agent, one, 'First', 'acme');
  const second = await rename(agent, two, 'Second', 'acme');
  expect(second.status).toBe(409);
  expect(second.html).toContain('Now it is “First”, at acme');
  expect(second.html).toContain('value="Second"');
  expect(await named()).toMatchObject({ name: 'First' });
  const third = await rename(agent, second, 'Acme', 'acme');
  expect([third.status, await named()]).toEqual([200, { name: 'Acme', slug: 'acme' }]);
});

test.each([
  ['a slug that is taken', 'Acme', 'vault', 'This short name is taken'],
  ['a slug that is none', 'Acme', 'No Slug', 'Use 1 to 63 lowercase letters'],
  ['no name', ' ', 'acme', 'name-error'],
])('%s is refused, and what was typed stays', async (_what, name, slug, text) => {
  const page = await rename(agent, await agent.get('/organizations/acme/settings'), name, slug);
  expect(page.status).toBe(422);
  expect(page.html).toContain(text);
  expect(page.html).toContain(`value="${slug}"`);
});

test('a form of one organization serves no other, even at the same address', async () => {
  const page = await agent.get('/organizations/acme/settings');
  const vault = await signedIn('admin@vault.test');
  const moved = {
    ...page,
    html: page.html.replaceAll('/organizations/acme/', '/organizations/vault/'),
  };
  expect((await rename(agent, moved, 'Mine', 'vault')).status).toBe(404);
  expect((await rename(vault, moved, 'Mine', 'vault')).status).toBe(403);
});

test('sent twice it is done once', async () => {
  const page = await agent.get('/organizations/acme/settings');
  const first = await rename(agent, page, 'Twice', 'acme');
  const again = await rename(agent, page, 'Twice', 'acme');
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.html).toContain('is called Twice now');
  await rename(agent, again, 'Acme', 'acme');
});
