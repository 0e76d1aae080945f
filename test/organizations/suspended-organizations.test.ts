/**
 * While operators have suspended an organization nobody is anything in it: tokens, the API, consent and the
 * console say so from the next question on, and all of it is back afterwards.
 */

import { describe, expect, test } from 'vitest';
import {
  reinstateOrganization,
  suspendOrganization,
} from '../../src/applications/suspend-organization.ts';
import { printId } from '../../src/lib/ids.ts';
import { memberRole } from '../../src/members/roles.ts';
import {
  acceptOwnInvitation,
  declineOwnInvitation,
} from '../../src/organizations/answer-invitation.ts';
import { createDatabase } from '../../src/organizations/databases.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { apiOf } from '../api/api-server.ts';
import { commandsOn } from '../operator/operators.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import {
  authorizationRequest,
  consentTo,
  demoApi,
  demoApp,
  introspectAs,
  obtainTokens,
  signInFor,
} from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { textOf } from '../web/console/console-people.ts';
import {
  emailOf,
  freshSlug,
  inSession,
  makeAccount,
  makeService,
  makeWorld,
  outcomeOf,
} from './world.ts';

const shop = 'organizations/acme/databases/shop';
const scope = 'database:read_database';
const reason = 'Reported for <abuse>';

const server = forAllTests(startTestServer);
const find = {
  acme: statement(`select id from organizations where slug = 'acme'`),
  operator: statement(`select id from accounts where email = 'operator@usher.test'`),
};
const idOf = async (what: keyof typeof find) =>
  (await server.database.db.query<{ id: string }>(find[what]))[0]?.id ?? '';
const operator = async () => ({
  accountId: await idOf('operator'),
  origin: { address: '192.0.2.1', userAgent: 'test' },
});

const suspend = async (id: string) =>
  suspendOrganization(server.database.db, await operator(), id, reason);
const reinstate = async (id: string) =>
  reinstateOrganization(server.database.db, await operator(), id);

test('tokens give nothing there from the next question on, and what they gave afterwards', async () => {
  await consentTo(server, demoApp, 'admin@acme.test', scope, ['acme/shop']);
  const { access_token: token } = await obtainTokens(server, demoApp, 'admin@acme.test', scope);
  const given = async () => (await introspectAs(server, demoApi, token, shop)).scope;
  const id = await idOf('acme');
  expect(await given()).toBe(scope);
  expect(await suspend(id)).toEqual({ outcome: 'changed' });
  expect(await given()).toBeUndefined();
  expect(await suspend(id)).toEqual({ outcome: 'unchanged' });
  expect(await reinstate(id)).toEqual({ outcome: 'changed' });
  expect(await given()).toBe(scope);
});

test('consent offers nothing of it, nor is anything of it recorded', async () => {
  const id = await idOf('acme');
  const agent = createUserAgent(server.issuer);
  const { url } = authorizationRequest(server, demoApp, `${scope} database:write_branches`);
  const page = await signInFor(agent, url, 'developer@acme.test');
  expect(page.html).toContain('data-path="acme/shop"');
  await suspend(id);
  const again = await agent.get(page.url);
  expect(again.html).not.toContain('acme/shop');
  const sent = await agent.submit(page, (fields) => [...fields, ['pick', 'x']]);
  expect(sent.url).not.toContain('code=');
  await reinstate(id);
  expect((await agent.get(page.url)).html).toContain('data-path="acme/shop"');
});

describe('people', () => {
  test('are refused every act, by browser and by token, and told why; strangers learn nothing', async () => {
    const { db } = server.database;
    const { ids, accounts } = await makeWorld(db);
    const { organizationId } = ids;
    const api = await apiOf(server);
    const [browser, token] = [
      await api.inBrowser(accounts.admin),
      await api.byToken(accounts.admin, organizationId),
    ];
    const [outsider, service] = [await api.inBrowser(accounts.outsider), await api.byService()];
    const path = `/organizations/${printId('organization', organizationId)}`;
    const answers = async () =>
      Promise.all(
        [browser, token, outsider, service].map(async (by) => {
          const { status, body } = await by.send(`GET ${path}/members`);
          return [status, body?.reason];
        }),
      );
    expect(await answers()).toEqual([
      [200, undefined],
      [200, undefined],
      [404, undefined],
      [200, undefined],
    ]);
    await suspend(organizationId);
    const [byBrowser, byToken, byStranger, byService] = await answers();
    expect(byBrowser).toEqual([403, 'organization_suspended']);
    expect(byToken?.[0]).toBe(404); // a token that gives nothing there, as any
    expect([byStranger, byService]).toEqual([
      [404, undefined],
      [200, undefined],
    ]);
    const create = createDatabase(db, inSession(accounts.admin), organizationId, freshSlug());
    expect(await outcomeOf(create)).toBe('forbidden organization_suspended');
    const sync = createDatabase(db, await makeService(db), organizationId, freshSlug());
    expect(await outcomeOf(sync)).toBe('done');
    await reinstate(organizationId);
    expect((await answers())[0]).toEqual([200, undefined]);
  });

  test('nobody joins, but an invitation can be declined', async () => {
    const { db } = server.database;
    const { ids, accounts } = await makeWorld(db);
    const guests = [await makeAccount(db), await makeAccount(db)];
    const invitations = [];
    for (const guest of guests) {
      const wish = { email: emailOf(guest), role: memberRole };
      invitations.push(await invite(db, inSession(accounts.admin), ids.organizationId, wish));
    }
    await suspend(ids.organizationId);
    const [one = '', two = ''] = guests;
    const [first, second] = invitations;
    expect(await outcomeOf(acceptOwnInvitation(db, inSession(one), first?.id ?? ''))).toBe(
      'forbidden organization_suspended',
    );
    expect(await outcomeOf(declineOwnInvitation(db, inSession(two), second?.id ?? ''))).toBe(
      'done',
    );
    await reinstate(ids.organizationId);
    expect(await outcomeOf(acceptOwnInvitation(db, inSession(one), first?.id ?? ''))).toBe('done');
  });

  test('see on their pages that it is suspended, and why', async () => {
    const member = await signedInAs(server, 'member@acme.test');
    const open = await member.get('/organizations/acme/members');
    await suspend(await idOf('acme'));
    for (const path of ['', '/members', '/databases', '/why']) {
      const page = await member.get(`/organizations/acme${path}`);
      expect([
        page.status,
        textOf(page).includes('Acme is suspended: Reported for &lt;abuse&gt;'),
      ]).toEqual([403, true]);
    }
    expect(new URL((await member.get('/')).url).pathname).toBe('/organizations');
    const home = textOf(await member.get('/organizations'));
    expect(home).toContain('Reason: Reported for &lt;abuse&gt;');
    expect(home).not.toContain('acme/shop');
    expect(open.status).toBe(200);
    await reinstate(await idOf('acme'));
    expect((await member.get('/organizations/acme')).status).toBe(200);
    const admin = await signedInAs(server, 'admin@acme.test');
    expect(textOf(await admin.get('/organizations/acme/audit'))).toContain(
      'suspended the organization',
    );
  });
});

describe('operators', () => {
  test('alone do it', async () => {
    const { db } = server.database;
    const { ids, accounts } = await makeWorld(db);
    const actor = { ...(await operator()), accountId: accounts.admin };
    expect(await suspendOrganization(db, actor, ids.organizationId, reason)).toEqual({
      outcome: 'not_allowed',
    });
  });

  test('do it by a command, with a reason', async () => {
    const { db } = server.database;
    const { ids } = await makeWorld(db);
    const slug = freshSlug();
    await db.query(statement('update organizations set slug = $2 where id = $1'), [
      ids.organizationId,
      slug,
    ]);
    const run = commandsOn(db, server.issuer, false);
    await expect(run('organization', 'suspend', slug)).rejects.toThrow('--reason TEXT');
    expect(await run('organization', 'suspend', slug, '--reason', reason)).toMatchObject({
      outcome: 'changed',
    });
    expect(await run('organization', 'reinstate', slug)).toMatchObject({ outcome: 'changed' });
    expect(await run('organization', 'reinstate', slug)).toMatchObject({ outcome: 'unchanged' });
    await expect(run('organization', 'reinstate', 'nothing')).rejects.toMatchObject({
      exitCode: 3,
    });
  });
});

test(
  ...onlyOnPostgres('on every process at once', 'one embedded database has one process'),
  async () => {
    const processes = await startProcesses(2);
    try {
      const [one, two = one] = processes.nodes;
      await consentTo(one, demoApp, 'admin@acme.test', scope, ['acme/shop']);
      const { access_token: token } = await obtainTokens(one, demoApp, 'admin@acme.test', scope);
      const given = () =>
        Promise.all(
          [one, two].map(async (node) => (await introspectAs(node, demoApi, token, shop)).scope),
        );
      const { db } = one.database;
      const run = commandsOn(db, one.issuer, false);
      expect(await given()).toEqual([scope, scope]);
      for (let round = 0; round < 3; round++) {
        await run('organization', 'suspend', 'acme', '--reason', reason);
        expect(await given()).toEqual([undefined, undefined]);
        await run('organization', 'reinstate', 'acme');
        expect(await given()).toEqual([scope, scope]);
      }
    } finally {
      await processes.close();
    }
  },
);
