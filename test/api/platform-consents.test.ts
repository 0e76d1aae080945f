/** The platform's own console shows what a person allowed to applications, and takes it back. */

import { describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { makeAccount, makeApplication, makeConsent } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoApi, demoApp, introspectAs, obtainTokens } from '../support/oauth.ts';
import { startApi } from './api-server.ts';

const api = forAllTests(startApi);
const service = forAllTests(() => api.byService());

const email = 'member@acme.test';
const consents = (who = email) => `/platform/accounts/${who}/consents`;

async function newest() {
  const [event] = await api.db.query<Record<string, unknown>>(
    statement(`select action, actor_account_id, actor_client_id, subject, before
                 from audit_events where organization_id is null order by id desc limit 1`),
  );
  return event;
}

describe('the service client', () => {
  test('lists a consent, and takes it back with its tokens, once, as its own act', async () => {
    const scope = 'openid user:read_user';
    const { access_token } = await obtainTokens(api, demoApp, email, scope);
    const listed = (await service.send(`GET ${consents()}`)).body;
    expect(listed.items).toEqual([
      expect.objectContaining({
        application: demoApp.id,
        openid: ['openid'],
        resources: [
          {
            level: 'user',
            path: '',
            production: null,
            scopes: expect.arrayContaining(['user:read_user']),
            resting: [],
          },
        ],
      }),
    ]);
    expect(await introspectAs(api, demoApi, access_token)).toMatchObject({ active: true });
    const remove = () => service.send(`DELETE ${consents()}/${demoApp.id}`);
    expect((await remove()).status).toBe(204);
    expect(await introspectAs(api, demoApi, access_token)).toEqual({ active: false });
    expect((await service.send(`GET ${consents()}`)).body).toEqual({ items: [] });
    const event = await newest();
    expect(event).toMatchObject({
      action: 'consent.withdrawn',
      actor_account_id: null,
      subject: demoApp.id,
      before: { user: expect.stringMatching(/^user_/) },
    });
    expect(event?.['actor_client_id']).not.toBe(demoApp.id);
    expect((await remove()).status).toBe(404);
    expect(await newest()).toEqual(event);
  });

  test('names a person by id, suspended ones too, and finds nobody who is not there', async () => {
    const application = await makeApplication(api.db);
    const account = await makeAccount(api.db, { status: 'suspended' });
    await makeConsent(api.db, account, application);
    const found = await service.send(`GET ${consents(printId('user', account))}`);
    expect(found.body.items).toHaveLength(1);
    for (const who of ['nobody@acme.test', printId('user', crypto.randomUUID()), 'x'])
      expect((await service.send(`GET ${consents(who)}`)).status).toBe(404);
  });

  test('takes nothing back once it is suspended, and nobody else comes near', async () => {
    const application = await makeApplication(api.db);
    const account = await makeAccount(api.db);
    await makeConsent(api.db, account, application);
    const place = consents(printId('user', account));
    const own = await api.inBrowser(account);
    expect((await own.send(`GET ${place}`)).status).toBe(404);
    expect((await own.send(`DELETE ${place}/${application}`)).status).toBe(404);
    const ended = await api.byService();
    await api.db.query(statement(`update clients set status = 'suspended' where name = 'Sync'`));
    expect((await ended.send(`DELETE ${place}/${application}`)).status).toBe(401);
    await api.db.query(statement(`update clients set status = 'active' where name = 'Sync'`));
    expect((await service.send(`GET ${place}`)).body.items).toHaveLength(1);
  });
});
