/** A new installation set up in the browser, with the code of the terminal. */

import { beforeEach, describe, expect, test } from 'vitest';
import { newSetUpCode } from '../../src/accounts/first-steps.ts';
import { readConfig } from '../../src/config.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';

const setUpCode = newSetUpCode();
const password = 'velvet turbine at dawn';

const server = forAllTests(() =>
  startTestServer({ DEMO: 'off' }, undefined, undefined, {
    setUpCode,
  }),
);

let agent: UserAgent;
let email: string;
beforeEach(async () => {
  for (const table of ['attempt_counters', 'organizations', 'operators'])
    await rows(`delete from ${table}`);
  await rows('update first_operator set named_at = null');
  agent = createUserAgent(server.issuer);
  email = freshEmail();
});

const rows = (sql: string) => server.database.db.query<Record<string, unknown>>(statement(sql));
const operators = async () =>
  (await rows('select email from operators join accounts on id = account_id')).map(
    (row) => row['email'],
  );

const send = (page: Page, code = setUpCode, by = agent, name = 'Ada', address = email) =>
  by.submit(page, (fields) =>
    fill(fill(fill(fields, 'code', code), 'email', address), 'name', name),
  );
async function begin(code?: string, by = agent): Promise<Page> {
  const page = await send(await by.get('/set-up'), code, by);
  const [, token] = /\/set-up\/(usher_setup_\w+)$/.exec(page.url) ?? [];
  if (token !== undefined) recordSecret('link', token);
  return page;
}
const setPassword = (page: Page) =>
  agent.submit(page, (fields) => fill(fields, 'password', password), '/set-up/');

describe('while nobody was named', () => {
  test('the home page leads through every step to the first organization', async () => {
    expect((await agent.get('/')).html).toContain('href="/set-up"');
    const link = await begin(` ${setUpCode.toLowerCase().replaceAll('-', ' ')} `);
    expect(link.url).toMatch(/\/set-up\/usher_setup_/);
    expect(link.html).toContain(email);
    const step = await setPassword(link);
    expect(step.url).toMatch(/\/set-up\/organization$/);
    expect((await agent.get('/')).html).toContain('href="/set-up/organization"');
    const named = (slug: string) => (fields: Parameters<typeof fill>[0]) =>
      fill(fill(fields, 'name', 'Acme'), 'slug', slug);
    const refused = await agent.submit(step, named('Not a slug'));
    expect([refused.status, refused.html.includes('value="Acme"')]).toEqual([422, true]);
    const done = await agent.submit(refused, named('acme'));
    expect(done.url).toMatch(/\/organizations\/[\w-]+\?done=created$/);
    const sql = `select o.slug, m.role, a.email from organizations o
      join organization_members m on m.organization_id = o.id join accounts a on a.id = m.account_id`;
    expect(await rows(sql)).toEqual([
      { slug: 'acme', role: expect.stringContaining('admin'), email },
    ]);
    expect((await agent.get('/')).html).not.toContain('/set-up');
    expect((await agent.submit(step, named('second'))).status).toBe(409);
  });

  test('looking changes nothing, and a form from elsewhere is refused', async () => {
    for (const path of ['/', '/set-up', '/set-up/organization']) await agent.get(path);
    await fetch(`${server.issuer}/set-up`, { method: 'HEAD' });
    const body = new URLSearchParams({
      code: setUpCode,
      email,
      name: 'Ada',
      token: 'x',
    });
    expect((await fetch(`${server.issuer}/set-up`, { method: 'POST', body })).status).toBe(403);
    expect(await operators()).toEqual([]);
  });

  test('a wrong code is told, and does not last for more than ten attempts', async () => {
    let page = await agent.get('/set-up');
    for (let attempt = 0; attempt < 10; attempt++) {
      page = await send(page, 'AAAA-AAAA-AAAA');
      expect(page.status).toBe(422);
    }
    expect(page.html).toContain('code-error');
    const late = await send(page);
    expect([late.status, late.headers.has('retry-after')]).toEqual([429, true]);
    expect(await operators()).toEqual([]);
  });

  test('of thirty guesses at once ten are looked at, whatever address they name', async () => {
    const page = await agent.get('/set-up');
    const guesses = Array.from({ length: 30 }, (_, n) =>
      send(page, 'AAAA-AAAA-AAAA', agent, 'Ada', `guess-${n}@a.test`),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array(10).fill(422), ...Array(20).fill(429)]);
    const stranger = createUserAgent(server.issuer);
    expect((await begin(setUpCode, stranger)).status).toBe(429);
    expect(await operators()).toEqual([]);
  });

  test('an address or name that cannot be taken is told at its field', async () => {
    const page = await agent.get('/set-up');
    const addressless = await send(page, setUpCode, agent, 'Ada', 'nobody');
    expect([addressless.status, addressless.html.includes('email-error')]).toEqual([422, true]);
    const beyond = await send(page, setUpCode, agent, 'Ada', 'ada@exämple.com');
    expect([beyond.status, beyond.html.includes('ada@xn--exmple-cua.com')]).toEqual([422, true]);
    const nameless = await send(addressless, setUpCode, agent, ' ');
    expect([nameless.status, nameless.html.includes('name-error')]).toEqual([422, true]);
    expect(await operators()).toEqual([]);
  });

  test('an account that is there becomes nobody’s by the page', async () => {
    await commandsOn(server.database.db, server.issuer)('operator', 'add', email);
    await rows('delete from operators');
    await rows('update first_operator set named_at = null');
    const page = await begin();
    expect([page.status, page.html.includes('email-error')]).toEqual([422, true]);
    expect(await operators()).toEqual([]);
  });
});

describe('the code serves once', () => {
  test('in two tabs, the second is told what happened', async () => {
    const [first, second] = [await agent.get('/set-up'), await agent.get('/set-up')];
    const link = await send(first);
    recordSecret('link', link.url.split('/').at(-1) ?? '');
    const late = await send(second, setUpCode, agent, 'Ada', freshEmail());
    expect([late.status, late.html.includes('account link')]).toEqual([410, true]);
    expect((await agent.get('/set-up')).status).toBe(410);
    expect(await operators()).toEqual([email]);
  });

  test('of eight at once, one is named', async () => {
    const agents = Array.from({ length: 8 }, () => createUserAgent(server.issuer));
    const pages = await Promise.all(agents.map((by) => by.get('/set-up')));
    const sent = await Promise.all(
      agents.map((by, n) => send(pages[n] as Page, setUpCode, by, 'Ada', freshEmail())),
    );
    expect(sent.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(410)]);
    expect(await operators()).toHaveLength(1);
  });

  test('an operator named by command meanwhile ends it, also when they are gone', async () => {
    const page = await agent.get('/set-up');
    const run = commandsOn(server.database.db, server.issuer);
    await run('operator', 'add', 'earlier@usher.test');
    await run('operator', 'remove', 'earlier@usher.test');
    expect((await send(page)).status).toBe(410);
    expect((await agent.get('/')).html).not.toContain('/set-up');
    expect(await operators()).toEqual([]);
  });
});

test('the first organization is an operator’s to make', async () => {
  const link = await begin();
  await setPassword(link);
  await rows('delete from operators');
  expect((await agent.get('/set-up/organization')).status).toBe(403);
});

test('is offered on loopback alone, outside production, the demo and proxies', () => {
  const offers = (set: Record<string, string>) => readConfig(set).offersFirstSteps;
  expect(offers({ DEMO: 'off' })).toBe(true);
  expect(offers({})).toBe(false);
  expect(offers({ DEMO: 'off', HOST: '0.0.0.0' })).toBe(false);
  expect(offers({ DEMO: 'off', TRUST_PROXY: '1' })).toBe(false);
});

test('codes differ, and are easy to type', () => {
  expect(newSetUpCode()).toMatch(/^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}$/);
  expect(newSetUpCode()).not.toBe(newSetUpCode());
});
