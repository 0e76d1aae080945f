/** A developer's own applications and their secrets, as a person at a browser without JavaScript. */

import { describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { redirectReasons } from '../../src/web/applications/fault-texts.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page, type UserAgent } from '../support/user-agent.ts';
import { checkUris, newDeveloper } from './portal.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(signedIn);

const own = '/account/applications/own';
const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

async function signedIn(): Promise<UserAgent> {
  return (await newDeveloper(server)).agent;
}

const usual = { name: 'Lookout', redirect_uris: 'https://lookout.example/callback' };

/** Sends the form of a page with these values. */
const send = (
  by: UserAgent,
  page: Page,
  values: Readonly<Record<string, string>>,
  action: string,
) =>
  by.submit(
    page,
    (fields) =>
      Object.entries({ action: 'save', ...values }).reduce(
        (filled, [name, value]) => fill(filled, name, value),
        fields,
      ),
    action,
  );

const register = async (values: Readonly<Record<string, string>> = {}, by = agent) =>
  send(by, await by.get(`${own}/new`), { ...usual, ...values }, '/new');

const idIn = ({ html }: Page) => /app_[0-9a-f]{32}/.exec(html)?.[0] ?? '';
const secretIn = ({ html }: Page) =>
  /usher_cs_[\w-]+|<code>([\w-]{30,})<\/code>\s*<\/dd>\s*<\/div>\s*<\/dl>/.exec(html)?.at(-1) ?? '';

const written = `select name, description, metadata->>'policyUri' as privacy from clients where id = $1`;

/** Whether the client gets in: a wrong code is another error than a wrong secret. */
async function getsIn(id: string, secret: string): Promise<boolean> {
  const response = await fetch(`${server.issuer}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: usual.redirect_uris,
      code_verifier: 'x'.repeat(43),
    }),
  });
  const { error } = (await response.json()) as { error: string };
  expect(['invalid_grant', 'invalid_client']).toContain(error);
  return error === 'invalid_grant';
}

describe('registering', () => {
  test('shows id and secret once, and keeps neither readable', async () => {
    const page = await register();
    const [id, secret] = [idIn(page), secretIn(page)];
    expect([page.status, id === '', secret === '']).toEqual([200, false, false]);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(await getsIn(id, secret)).toBe(true);
    for (const path of [own, `${own}/${id}`, `${own}/${id}/edit`]) {
      const later = await agent.get(path);
      expect([path, later.status, later.html.includes(secret)]).toEqual([path, 200, false]);
    }
    const [written] = await rows(
      `select coalesce(string_agg(before::text || after::text, ''), '') as text from audit_events where subject = $1`,
      id,
    );
    expect(String(written?.['text'])).not.toContain(secret);
  });

  test('twice with one form makes one, and shows the secret only the first time', async () => {
    const page = await agent.get(`${own}/new`);
    const first = await send(agent, page, { ...usual, name: 'Twice' }, '/new');
    const second = await send(agent, page, { ...usual, name: 'Twice' }, '/new');
    expect(second.url).toBe(`${server.issuer}${own}/${idIn(first)}`);
    expect(second.html).not.toContain(secretIn(first));
    expect(await rows(`select 1 from clients where name = 'Twice'`)).toHaveLength(1);
  });

  test('under a client id of the sender’s choice is refused', async () => {
    const page = await agent.get(`${own}/new`);
    const sent = await send(agent, page, { ...usual, id: `app_${'0'.repeat(32)}` }, '/new');
    expect(sent.status).toBe(403);
  });

  test('says of each redirect URI why it is refused, and keeps what was typed', async () => {
    const uris = ['http://a.example/cb', 'https://*.b.example/', 'https://c.example/cb', 'x'];
    const page = await register({ redirect_uris: uris.join('\r\n'), name: 'Kept name' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('http://a.example/cb: Begin it with https://.');
    expect(page.html).toContain('https://*.b.example/: Write each address out');
    expect(page.html).toContain('x: Enter a whole address');
    expect(page.html).not.toContain('https://c.example/cb:');
    expect(page.html).toContain('value="Kept name"');
  });

  test.each([
    ['name', { name: 'Usher Support' }],
    ['home_page', { home_page: 'http://a.example' }],
    ['privacy', { privacy: 'javascript:alert(1)' }],
    ['terms', { terms: 'https://10.0.0.1/' }],
    ['contact', { contact: 'nobody' }],
    ['description', { description: 'x'.repeat(301) }],
    ['redirect_uris', { redirect_uris: Array(11).fill('https://a.example/').join('\n') }],
  ])('refuses a bad %s and saves nothing', async (name, values) => {
    const page = await register({ ...values });
    expect(page.status).toBe(422);
    expect(page.html).toContain(`id="${name}-error"`);
  });

  test('keeps no secret for what runs in a browser or on a device', async () => {
    for (const [kind, uri] of [
      ['browser', usual.redirect_uris],
      ['native', 'com.example.app:/callback'],
    ] as const) {
      const page = await register({ kind, redirect_uris: uri });
      expect(page.html).toContain('The app is registered');
      expect(page.html).not.toContain('id="secrets"');
    }
  });

  test('finds scopes by words, and keeps what is ticked', async () => {
    const page = await agent.get(`${own}/new`);
    const scope = /name="scope" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const found = await send(
      agent,
      page,
      { ...usual, scope, search: 'nothing has these', action: 'search' },
      '/new',
    );
    const shown = Array.from(found.html.matchAll(/name="scope" value="([^"]+)"( checked)?/g));
    expect(shown.map(([, name, checked]) => [name, checked])).toEqual([[scope, ' checked']]);
    expect(found.html).toContain('value="Lookout"');
  });
});

describe('redirect URIs while one types', () => {
  const uris = ['http://a.example/cb', 'https://c.example/cb', 'https://c.example/cb', 'x<b>'];
  const typed = { redirect_uris: uris.join('\r\n') };

  test('are refused for the reasons that sending the form gives, and nothing is written', async () => {
    const id = idIn(await register());
    const before = await rows('select (select count(*) from audit_events), * from clients');
    for (const path of [`${own}/new`, `${own}/${id}/edit`]) {
      const page = await agent.get(path);
      const checked = await checkUris(agent, page, typed);
      expect([checked.status, checked.html.includes('<html')]).toEqual([200, false]);
      expect(checked.headers.get('cache-control')).toContain('no-store');
      const [, said = ''] = /<p class="field-error">([^<]+)<\/p>/.exec(checked.html) ?? [];
      expect(said.split('\n').map((line) => line.split(': ')[0])).toEqual([
        uris[0],
        uris[2],
        'x&lt;b&gt;',
      ]);
      const sent = await send(agent, page, { ...usual, ...typed }, path);
      expect([sent.status, sent.html.includes(`>${said}</p>`)]).toEqual([422, true]);
      const fine = await checkUris(agent, page, { redirect_uris: 'https://c.example/cb\n' });
      expect(fine.html.trim()).toBe('<p class="field-hint">This address can be used.</p>');
    }
    expect(await rows('select (select count(*) from audit_events), * from clients')).toEqual(
      before,
    );
  });

  test('follow the kind of a new app, and that of one which is there', async () => {
    const native = { redirect_uris: 'com.example.app:/callback', kind: 'native' };
    const page = await agent.get(`${own}/new`);
    expect((await checkUris(agent, page, native)).html).toContain('can be used');
    expect((await checkUris(agent, page, { ...native, kind: 'web' })).html).toContain(
      'field-error',
    );
    const edit = await agent.get(`${own}/${idIn(await register())}/edit`);
    expect((await checkUris(agent, edit, native)).html).toContain('field-error');
  });

  test('are taken as long as the form is, and answered briefly', async () => {
    const page = await agent.get(`${own}/new`);
    const long = await checkUris(agent, page, {
      redirect_uris: `https://a.example/${'x'.repeat(1e4)}`,
    });
    expect([long.status, long.html.length < 300]).toEqual([200, true]);
    expect(long.html).toContain('Use at most 2,000 characters.');
    const many = await checkUris(agent, page, { redirect_uris: 'x\n'.repeat(5000) });
    expect(many.html.trim()).toBe('<p class="field-error">Enter at most 10 addresses.</p>');
    expect((await checkUris(agent, page, { redirect_uris: 'x'.repeat(3e5) })).status).toBe(413);
  });

  test('are checked for nobody but whoever has the form', async () => {
    const id = idIn(await register());
    const edit = await agent.get(`${own}/${id}/edit`);
    const stranger = await signedIn();
    const statuses = [
      checkUris(agent, edit, { ...typed, token: 'x' }),
      checkUris(agent, await agent.get(`${own}/new`), { ...typed, id: `app_${'0'.repeat(32)}` }),
      checkUris(stranger, edit, typed),
      checkUris(createUserAgent(server.issuer), edit, typed),
    ].map(async (sent) => [(await sent).status, (await sent).html.includes('http://a.example')]);
    expect(await Promise.all(statuses)).toEqual(Array(4).fill([403, false]));
    const theirs = idIn(await register({}, stranger));
    const other = await stranger.get(`${own}/${theirs}/edit`);
    const { html } = other;
    expect(
      (await checkUris(agent, { ...other, html: html.replaceAll(theirs, id) }, typed)).status,
    ).toBe(403);
  });
});

test('every reason of the checks has a text', async () => {
  const { readFileSync } = await import('node:fs');
  const text = ['addresses', 'redirect-uris']
    .map((file) => readFileSync(new URL(`../../src/clients/${file}.ts`, import.meta.url), 'utf8'))
    .join('');
  const reasons = Array.from(text.matchAll(/'(must [^']+)'/g), ([, reason = '']) => reason);
  expect(reasons.length).toBeGreaterThan(15);
  expect(reasons.filter((reason) => redirectReasons[reason] === undefined)).toEqual([]);
  expect(redirectReasons).toHaveProperty(['must have at most 2000 characters']);
});

describe('changing', () => {
  test('of two who change one version, the second is told and overwrites nothing', async () => {
    const id = idIn(await register());
    const [one, two] = [await agent.get(`${own}/${id}/edit`), await agent.get(`${own}/${id}/edit`)];
    const first = await send(agent, one, { ...usual, name: 'First' }, '/edit');
    expect(first.html).toContain('The app is changed');
    const second = await send(agent, two, { ...usual, name: 'Second' }, '/edit');
    expect([second.status, second.html.includes('Name is saved as: First.')]).toEqual([409, true]);
    expect(second.html).toContain('value="Second"');
    expect(await rows('select name, version from clients where id = $1', id)).toEqual([
      { name: 'First', version: 2 },
    ]);
  });

  test('what only the first changed is taken over, and what the second typed is kept', async () => {
    const id = idIn(await register({ description: 'Old', privacy: 'https://old.example/' }));
    const [one, two] = [await agent.get(`${own}/${id}/edit`), await agent.get(`${own}/${id}/edit`)];
    await send(agent, one, { description: 'New', privacy: 'https://new.example/' }, '/edit');
    const told = await send(agent, two, { name: 'Mine', privacy: '' }, '/edit');
    expect(told.html).toContain('Description is now: New');
    expect(told.html).toContain('Privacy policy is saved as: https://new.example/.');
    expect((await send(agent, told, {}, '/edit')).html).toContain('The app is changed');
    expect(await rows(written, id)).toEqual([{ name: 'Mine', description: 'New', privacy: null }]);
  });

  test('somebody else’s application is not there', async () => {
    const id = idIn(await register());
    const stranger = await signedIn();
    for (const path of [`${own}/${id}`, `${own}/${id}/edit`]) {
      expect((await stranger.get(path)).status).toBe(404);
    }
    const edit = await agent.get(`${own}/${id}/edit`);
    expect((await send(stranger, edit, usual, '/edit')).status).toBe(403);
    expect((await createUserAgent(server.issuer).get(`${own}/${id}`)).url).toContain('/sign-in');
  });

  test('deleting it ends its secret at once', async () => {
    const page = await register();
    const [id, secret] = [idIn(page), secretIn(page)];
    const done = await send(agent, await agent.get(`${own}/${id}`), {}, '/delete');
    expect(done.html).toContain('The app is deleted');
    expect(await getsIn(id, secret)).toBe(false);
    expect((await agent.get(`${own}/${id}`)).status).toBe(404);
  });
});

describe('secrets', () => {
  test('work side by side, and an ended one fails on the next request', async () => {
    const page = await register();
    const [id, old] = [idIn(page), secretIn(page)];
    const view = await agent.get(`${own}/${id}`);
    const added = await send(agent, view, { name: 'Second server', days: '90' }, '/secrets/add');
    const fresh = secretIn(added);
    expect([await getsIn(id, old), await getsIn(id, fresh)]).toEqual([true, true]);
    const again = await send(agent, view, { name: 'Second server', days: '90' }, '/secrets/add');
    expect(again.html).toContain('Second server');
    expect(again.html).not.toContain(fresh);
    const ended = await send(agent, again, {}, '/secrets/end'); // the first form is of the older
    expect(ended.html).toContain('The secret has ended');
    expect([await getsIn(id, old), await getsIn(id, fresh)]).toEqual([false, true]);
  });

  test('are at most five', async () => {
    const id = idIn(await register());
    for (let n = 0; n < 4; n++) {
      await send(agent, await agent.get(`${own}/${id}`), {}, '/secrets/add');
    }
    expect((await agent.get(`${own}/${id}`)).html).toContain('at most five');
    expect(await rows('select 1 from client_secrets where client_id = $1', id)).toHaveLength(5);
  });
});

test('deleting the account says so before, and ends them', async () => {
  const leaver = await signedIn();
  const page = await register({ name: 'Left behind' }, leaver);
  const before = await leaver.get('/account/delete');
  expect(before.html).toContain('Left behind');
  await leaver.submit(before, (fields) => fields, '/account/delete');
  expect(await getsIn(idIn(page), secretIn(page))).toBe(false);
  expect(await rows('select 1 from clients where id = $1', idIn(page))).toEqual([]);
});

test('a person’s application is unverified to whoever it asks', async () => {
  const id = idIn(await register({ name: 'Stranger' }));
  const query = new URLSearchParams({
    client_id: id,
    response_type: 'code',
    redirect_uri: usual.redirect_uris,
    scope: 'openid',
    prompt: 'none',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const answer = await (await signedIn()).get(`/oauth/authorize?${query}`);
  expect([answer.status, new URL(answer.url).origin]).toEqual([400, server.issuer]);
  query.delete('prompt');
  const asked = await (await signedIn()).get(`/oauth/authorize?${query}`);
  expect(asked.html).toContain('verified this app or its name');
});
