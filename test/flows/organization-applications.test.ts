/** The applications of an organization, for its administrators and managers, at a browser without JavaScript. */

import { beforeAll, expect, test } from 'vitest';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import {
  changeMemberRole,
  leaveOrganization,
  reinstateMember,
  removeMember,
  suspendMember,
} from '../../src/organizations/members.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { inSession } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, demoApi, introspectAs, obtainTokens } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent, fill, type Page } from '../support/user-agent.ts';
import { checkUris, type Developer, newDeveloper } from './portal.ts';

const server = forAllTests(startTestServer);
const admin = forAllTests(somebody);
const manager = forAllTests(somebody);
const member = forAllTests(somebody);
const outsider = forAllTests(somebody);
let organizationId: string;

const own = '/organizations/builders/applications/own';

beforeAll(async () => {
  const { db } = server.database;
  organizationId = await createOrganization(db, inSession(admin.id), {
    slug: 'builders',
    name: 'Builders',
  });
  await createOrganization(db, inSession(outsider.id), { slug: 'others', name: 'Others' });
  await join(manager);
  await join(member);
});

function somebody(): Promise<Developer> {
  return newDeveloper(server);
}

const join = ({ id: accountId }: Developer) =>
  insertMember(server.database.db, { organizationId, accountId, role: 'organization_member' });

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const usual = { name: 'Lookout', redirect_uris: 'https://lookout.example/callback' };

const send = (
  { agent }: Developer,
  page: Page,
  values: Readonly<Record<string, string>>,
  action: string,
) =>
  agent.submit(
    page,
    (fields) =>
      Object.entries({ action: 'save', ...values }).reduce(
        (filled, [name, value]) => fill(filled, name, value),
        fields,
      ),
    action,
  );

const idIn = ({ html }: Page) => /app_[0-9a-f]{32}/.exec(html)?.[0] ?? '';

async function register(values: Readonly<Record<string, string>> = {}): Promise<string> {
  return idIn(
    await send(admin, await admin.agent.get(`${own}/new`), { ...usual, ...values }, '/new'),
  );
}

/** An application that `manager` looks after. */
async function managed(): Promise<string> {
  const id = await register();
  const page = await admin.agent.get(`${own}/${id}`);
  const named = await send(admin, page, { email: manager.email }, '/managers/add');
  expect(named.html).toContain('is a manager of this app now');
  return id;
}

const statusFor = async ({ agent }: Developer, path: string) => (await agent.get(path)).status;

test('its pages have the navigation of the organization around them, their errors as well', async () => {
  const bar = async ({ agent }: Developer, path: string) => {
    const { html } = await agent.get(path);
    const header = html.slice(0, html.indexOf('<main'));
    return Array.from(
      header.matchAll(/href="\/organizations\/builders([^"]*)"( aria-current="true")?/g),
      ([, section = '', isHere]) => (isHere === undefined ? section : `here: ${section}`),
    );
  };
  const ofMember = ['', '/members', '/teams', '/databases', '/why'];
  const ofAdmin = [
    ...['', '/members', '/teams', '/databases', 'here: /applications', '/why'],
    ...['/audit', '/settings'],
  ];
  for (const path of [own, `${own}/new`, `${own}/none`]) {
    expect([path, await bar(admin, path)]).toEqual([path, ofAdmin]);
  }
  expect(await bar(member, own)).toEqual(ofMember);
  expect(await bar(outsider, own)).toEqual([]);
  expect(await bar(admin, '/account/applications/own')).toEqual([]);
});

test('an administrator registers an application of the organization, and finds it again', async () => {
  const page = await send(admin, await admin.agent.get(`${own}/new`), usual, '/new');
  const id = idIn(page);
  expect(page.html).toContain('Copy the client secret now');
  expect((await admin.agent.get(own)).html).toContain(id);
  expect((await admin.agent.get(`${own}/${id}`)).html).toContain('All apps of Builders');
  const select = 'select owner_organization_id, owner_account_id from clients where id = $1';
  expect(await rows(select, id)).toEqual([
    { owner_organization_id: organizationId, owner_account_id: null },
  ]);
  const events = await rows(
    'select action, organization_id from audit_events where subject = $1',
    id,
  );
  expect(events).toEqual([{ action: 'application.created', organization_id: organizationId }]);
  expect((await admin.agent.get('/account/applications/own')).html).toContain(`href="${own}"`);
  expect(await statusFor(admin, `/account/applications/own/${id}`)).toBe(404);
});

test('a member without the right is told so, and a stranger learns nothing', async () => {
  const id = await register();
  for (const path of [own, `${own}/new`, `${own}/${id}`, `${own}/${id}/edit`, `${own}/unknown`]) {
    expect([path, await statusFor(member, path)]).toEqual([path, 403]);
    expect([path, await statusFor(outsider, path)]).toEqual([path, 404]);
  }
  expect((await member.agent.get(own)).html).toContain('You don’t look after apps');
  expect(await statusFor(outsider, `/organizations/nowhere/applications/own`)).toBe(404);
  expect(await statusFor(outsider, `/organizations/others/applications/own/${id}`)).toBe(404);
  expect((await createUserAgent(server.issuer).get(own)).url).toContain('/sign-in');
});

test('a manager changes texts and secrets; a new host, a further permission and the end take an administrator', async () => {
  const id = await managed();
  const list = await manager.agent.get(own);
  expect(list.html.match(/app_[0-9a-f]{32}(?=<\/code>)/g)).toEqual([id]);
  const view = await manager.agent.get(`${own}/${id}`);
  expect(view.html).not.toContain('id="delete"');
  expect((await send(manager, view, { name: 'Second' }, '/secrets/add')).html).toContain('Copy');

  const edit = () => manager.agent.get(`${own}/${id}/edit`);
  const uris = [usual.redirect_uris, 'https://lookout.example/other', 'https://evil.example/'];
  const moved = await send(manager, await edit(), { redirect_uris: uris.join('\n') }, '/edit');
  expect(moved.status).toBe(422);
  expect(moved.html).toContain('https://evil.example/: This host is new.');
  expect(moved.html).not.toContain('https://lookout.example/other: ');
  const scope = /name="scope" value="([^"]+)"/.exec(moved.html)?.[1] ?? '';
  const wider = await send(manager, await edit(), { scope }, '/edit');
  expect([wider.status, wider.html.includes('id="permissions"')]).toEqual([422, true]);
  expect(wider.html).toContain('to add permissions');
  const fit = { name: 'Watch', redirect_uris: uris.slice(0, 2).join('\n') };
  expect((await send(manager, await edit(), fit, '/edit')).html).toContain('The app is changed');
  expect(
    (await send(admin, await admin.agent.get(`${own}/${id}/edit`), { scope }, '/edit')).html,
  ).toContain('The app is changed');

  const deletion = await admin.agent.get(`${own}/${id}`);
  expect((await manager.agent.submit(deletion, (fields) => fields, '/delete')).status).toBe(403);
  expect(await statusFor(manager, `${own}/new`)).toBe(403);
  expect(await statusFor(manager, `${own}/${await register()}`)).toBe(403);
});

test('redirect URIs are checked while one types, for whoever may open the form', async () => {
  const id = await managed();
  const typed = { redirect_uris: 'https://lookout.example/other\nhttps://evil.example/' };
  const edit = `${own}/${id}/edit`;
  const check = async ({ agent }: Developer, page: Page) => {
    const { status, html } = await checkUris(agent, page, typed);
    return [status, /class="(field-\w+)">([^<]+)/.exec(html)?.slice(1).join(' ')];
  };
  const byManager = await manager.agent.get(edit);
  const [, said = ''] = await check(manager, byManager);
  expect(said).toMatch(/^field-error https:\/\/evil\.example\/: This host is new\.[^\n]*$/);
  const byAdmin = [await admin.agent.get(edit), await admin.agent.get(`${own}/new`)];
  for (const page of byAdmin) {
    expect(await check(admin, page)).toEqual([200, 'field-hint All 2 addresses can be used.']);
    expect(await check(outsider, page)).toEqual([404, undefined]);
    expect(await check(member, page)).toEqual([403, undefined]);
  }
  const theirs = await outsider.agent.get(`${own.replace('builders', 'others')}/new`);
  const html = theirs.html.replaceAll('/others/', '/builders/');
  expect(await check(outsider, { ...theirs, html })).toEqual([404, undefined]);
  // A token of an own form opens nothing of an organization, in which a manager registers none.
  const mine = await manager.agent.get('/account/applications/own/new');
  const moved = { ...mine, html: mine.html.replaceAll('/account/applications/own', own) };
  expect(await check(manager, moved)).toEqual([403, undefined]);
});

test('a manager’s right ends with a suspension, and comes back with a reinstatement', async () => {
  const id = await managed();
  const { db } = server.database;
  const at = { organizationId, accountId: manager.id };
  const open = await manager.agent.get(`${own}/${id}/edit`);
  await suspendMember(db, inSession(admin.id), at);
  expect(await statusFor(manager, `${own}/${id}`)).toBe(404);
  expect((await send(manager, open, { name: 'Late' }, '/edit')).status).toBe(404);
  await reinstateMember(db, inSession(admin.id), at);
  expect(await statusFor(manager, `${own}/${id}`)).toBe(200);
  expect(await rows('select name from clients where id = $1', id)).toEqual([{ name: 'Lookout' }]);
});

test.each(['removed', 'left'])(
  'whoever %s is no manager any more, also when they join again',
  async (how) => {
    const id = await managed();
    const { db } = server.database;
    if (how === 'left') await leaveOrganization(db, inSession(manager.id), organizationId);
    else await removeMember(db, inSession(admin.id), { organizationId, accountId: manager.id });
    expect(await rows('select 1 from client_managers where account_id = $1', manager.id)).toEqual(
      [],
    );
    expect(await statusFor(manager, `${own}/${id}`)).toBe(404);
    await join(manager);
    expect(await statusFor(manager, `${own}/${id}`)).toBe(403);
  },
);

test('a manager gives up their place, and takes nobody else’s', async () => {
  const id = await managed();
  const page = await admin.agent.get(`${own}/${id}`);
  await send(admin, page, { email: member.email }, '/managers/add');
  const view = await manager.agent.get(`${own}/${id}`);
  expect(view.html.match(/\/managers\/drop"/g)).toHaveLength(1);
  const other = { account: `user_${member.id.replaceAll('-', '')}` };
  expect((await send(manager, view, other, '/managers/drop')).status).toBe(403);
  expect((await send(manager, view, {}, '/managers/drop')).url).toContain(
    '/account/applications/own',
  );
  expect(await statusFor(manager, `${own}/${id}`)).toBe(403);
  const dropped = await send(admin, await admin.agent.get(`${own}/${id}`), {}, '/managers/drop');
  expect(dropped.html).toContain('Nobody yet');
  expect(await statusFor(member, `${own}/${id}`)).toBe(403);
});

test('nobody outside is named as manager, and a manager names nobody', async () => {
  const id = await managed();
  const page = await admin.agent.get(`${own}/${id}`);
  const refused = await send(admin, page, { email: outsider.email }, '/managers/add');
  expect([refused.status, refused.html.includes('is a member of Builders')]).toEqual([422, true]);
  expect((await send(manager, page, { email: member.email }, '/managers/add')).status).toBe(403);
});

test('an administrator who becomes a member keeps nothing', async () => {
  const { db } = server.database;
  const second = await somebody();
  await insertMember(db, { organizationId, accountId: second.id, role: 'organization_admin' });
  const id = await register();
  expect(await statusFor(second, `${own}/${id}`)).toBe(200);
  const at = { organizationId, accountId: second.id };
  await changeMemberRole(db, inSession(admin.id), at, 'organization_member');
  expect(await statusFor(second, `${own}/${id}`)).toBe(403);
});

test('of two managers who change one version, the second is told of the first', async () => {
  const id = await managed();
  const one = await admin.agent.get(`${own}/${id}/edit`);
  const two = await manager.agent.get(`${own}/${id}/edit`);
  await send(admin, one, { description: 'By the administrator' }, '/edit');
  const told = await send(manager, two, { name: 'By the manager' }, '/edit');
  expect([told.status, told.html.includes('Description is now: By the administrator')]).toEqual([
    409,
    true,
  ]);
  await send(manager, told, {}, '/edit');
  expect(await rows('select name, description from clients where id = $1', id)).toEqual([
    { name: 'By the manager', description: 'By the administrator' },
  ]);
});

/** Whether an error is sent on to the application by itself, and what the consent page warns of. */
async function trustOf({ agent }: Developer, id: string) {
  const query = new URLSearchParams({
    client_id: id,
    response_type: 'code',
    redirect_uri: usual.redirect_uris,
    scope: 'openid',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const { url } = await agent.get(`/oauth/authorize?${query}&prompt=none`);
  const { html } = await agent.get(`/oauth/authorize?${query}`);
  return {
    isSentOn: url.startsWith(usual.redirect_uris),
    isWarned: html.includes('verified this app or its name'),
    isForeign: html.includes('not a member there'),
  };
}

const trusted = { isSentOn: true, isWarned: false, isForeign: false };
const foreign = { isSentOn: false, isWarned: true, isForeign: true };

test('an organization vouches for its application to its own people alone, an operator to everyone', async () => {
  const id = await register();
  expect(await trustOf(member, id)).toEqual(trusted);
  expect(await trustOf(outsider, id)).toEqual(foreign);
  const { db } = server.database;
  const at = { organizationId, accountId: member.id };
  await suspendMember(db, inSession(admin.id), at);
  expect(await trustOf(member, id)).toEqual(foreign);
  await reinstateMember(db, inSession(admin.id), at);
  expect(await trustOf(member, id)).toEqual(trusted);
  await rows('update clients set is_verified = true where id = $1', id);
  expect(await trustOf(outsider, id)).toEqual(trusted);
  await rows(
    'update clients set is_verified = false, owner_organization_id = null where id = $1',
    id,
  );
  expect(await trustOf(outsider, id)).toEqual(trusted); // an operator's, for the platform
});

/** An application that registered itself. */
async function registerItself(scope = 'openid') {
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Wanderer', redirect_uris: [usual.redirect_uris], scope }),
  });
  const body = (await response.json()) as Record<string, string>;
  const { client_id: id = '', client_secret: secret = '' } = body;
  const { registration_access_token: token = '', registration_client_uri: uri = '' } = body;
  return { id, secret, token, uri, redirectUri: usual.redirect_uris };
}

async function adopt(by: Developer, at: string, { id, token }: { id: string; token: string }) {
  const typed = { client_id: id, registration_access_token: token };
  return send(by, await by.agent.get(`${at}/adopt`), typed, '/adopt');
}

test('an application that registered itself is adopted with its registration access token, which ends', async () => {
  const itself = await registerItself();
  const wrong = await adopt(admin, own, { ...itself, token: `${itself.token.slice(0, -3)}abc` });
  expect([wrong.status, wrong.html.includes('don’t go together')]).toEqual([422, true]);
  const other = await registerItself();
  expect((await adopt(admin, own, { id: other.id, token: itself.token })).status).toBe(422);

  const done = await adopt(admin, own, itself);
  expect(done.html).toContain('registration access token has ended');
  const authorization = `Bearer ${itself.token}`;
  expect((await fetch(itself.uri, { headers: { authorization } })).status).toBe(401);
  const foreignOwn = '/organizations/others/applications/own';
  expect((await adopt(outsider, foreignOwn, itself)).status).toBe(422);
  expect(await trustOf(member, itself.id)).toEqual(trusted);
  expect(await trustOf(outsider, itself.id)).toEqual(foreign);
  const events = await rows(
    `select action from audit_events where subject = $1 and organization_id = $2`,
    itself.id,
    organizationId,
  );
  expect(events).toEqual([{ action: 'application.adopted' }]);
  expect(await statusFor(member, `${own}/adopt`)).toBe(403);
  expect(await statusFor(outsider, `${own}/adopt`)).toBe(404);
  expect(await statusFor(admin, '/account/applications/own/adopt')).toBe(404);
});

test('what people allowed an adopted application goes on, and its secret too', async () => {
  const itself = await registerItself();
  const scope = 'database:read_database';
  await consentTo(server, itself, 'dba@acme.test', scope, ['acme/shop']);
  const { access_token: token } = await obtainTokens(server, itself, 'dba@acme.test', scope);
  expect((await adopt(admin, own, itself)).html).toContain('registration access token has ended');
  expect(await introspectAs(server, demoApi, token)).toMatchObject({ scope });
  expect((await obtainTokens(server, itself, 'dba@acme.test', scope)).scope).toBe(scope);
});

test('a change by the form leaves alone what the form does not show', async () => {
  const id = await register();
  const set = `update clients set metadata = metadata || $2::jsonb, auth_method = 'private_key_jwt',
    grant_types = '{authorization_code}', scope = 'openid' where id = $1`;
  const kept = {
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
    postLogoutRedirectUris: ['https://lookout.example/bye'],
    contacts: ['one@acme.test', 'two@acme.test'],
    dpopBoundAccessTokens: true,
    softwareId: 'lookout',
  };
  await rows(set, id, JSON.stringify(kept));
  await send(admin, await admin.agent.get(`${own}/${id}/edit`), { name: 'Renamed' }, '/edit');
  const select = `select name, auth_method, grant_types, scope, metadata from clients where id = $1`;
  const [after] = await rows(select, id);
  expect(after).toMatchObject({
    name: 'Renamed',
    auth_method: 'private_key_jwt',
    grant_types: ['authorization_code'],
    scope: 'openid',
    metadata: kept,
  });
});

test('a redirect URI at another host ends what people allowed it', async () => {
  const page = await send(admin, await admin.agent.get(`${own}/new`), usual, '/new');
  const id = idIn(page);
  const secret = /usher_cs_[\w-]+/.exec(page.html)?.[0] ?? '';
  const client = { id, secret, redirectUri: usual.redirect_uris };
  await consentTo(server, client, 'dba@acme.test', 'openid', []);
  const consents = () => rows('select 1 from consents where client_id = $1', id);
  const edit = async (redirect_uris: string) =>
    send(admin, await admin.agent.get(`${own}/${id}/edit`), { redirect_uris }, '/edit');
  await edit('https://lookout.example/other');
  expect(await consents()).toHaveLength(1);
  expect((await edit('https://elsewhere.example/callback')).html).toContain(
    'asked for consent again',
  );
  expect(await consents()).toEqual([]);
});
