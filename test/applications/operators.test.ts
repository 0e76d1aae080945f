/** What operators do with clients, what each act leaves in the audit trail, and that others cannot. */

import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../src/applications/as-operator.ts';
import { changeSettings, listSettings } from '../../src/applications/client-settings.ts';
import { registerApplication } from '../../src/applications/register.ts';
import { createResourceServer } from '../../src/applications/resource-servers.ts';
import { addSecret, deleteSecret, listSecrets } from '../../src/applications/secrets.ts';
import { reinstateApplication, suspendApplication } from '../../src/applications/suspend.ts';
import { updateRegistration } from '../../src/applications/update.ts';
import { unverifyApplication, verifyApplication } from '../../src/applications/verify.ts';
import { newId } from '../../src/lib/ids.ts';
import { isClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient } from '../../src/storage/clients/clients.ts';
import { findResourceServer } from '../../src/storage/clients/resource-servers.ts';
import { openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, type Json, makeAccount, run, usual } from './registration-server.ts';

const db = forAllTests(openDb);
const somebody = async () => ({ accountId: await makeAccount(db), origin });
const operator = forAllTests(somebody);
const stranger = forAllTests(somebody);
const origin = { address: '192.0.2.1', userAgent: undefined };

beforeAll(() => run(db, 'insert into operators (account_id) values ($1)', operator.accountId));

async function registered(change: Json = {}) {
  const input = { ...usual, ...change };
  const result = await registerApplication(db, { input, production: true, origin });
  if (result.outcome === 'refused') throw new Error(result.description);
  return result;
}

async function register(change: Json = {}) {
  const { client, secret = '' } = await registered(change);
  return { id: client.id, secret };
}

/** What an account did to a client, oldest first. */
function acts({ accountId }: Actor, subject: string) {
  return run<Json>(
    db,
    `select action, outcome, before, after from audit_events
     where actor_account_id = $1 and subject = $2 order by id`,
    accountId,
    subject,
  );
}

describe('suspending', () => {
  test('changes the status at once, ends nothing, and can be taken back', async () => {
    const { id, secret } = await register();
    const consented = await consentTo(db, id);
    expect(await suspendApplication(db, operator, id)).toEqual({ outcome: 'changed' });
    expect((await findClient(db, id))?.status).toBe('suspended');
    expect(await suspendApplication(db, operator, id)).toEqual({ outcome: 'unchanged' });
    expect(await reinstateApplication(db, operator, id)).toEqual({ outcome: 'changed' });
    expect((await findClient(db, id))?.status).toBe('active');
    expect(await consented.isAlive()).toBe(true);
    expect(await isClientSecret(db, id, secret)).toBe(true);
    const [active, suspended] = [{ status: 'active' }, { status: 'suspended' }];
    expect(await acts(operator, id)).toEqual([
      { action: 'application.suspended', outcome: 'done', before: active, after: suspended },
      { action: 'application.reinstated', outcome: 'done', before: suspended, after: active },
    ]);
  });

  test('an unknown client', async () => {
    expect(await suspendApplication(db, operator, 'nobody')).toEqual({ outcome: 'unknown_client' });
  });
});

describe('verifying', () => {
  const isVerified = async (id: string) =>
    (await run<Json>(db, 'select is_verified from clients where id = $1', id))[0]?.['is_verified'];

  test('counts at once, can be taken back, and leaves a trail', async () => {
    const { id } = await register({ client_name: 'Lookout Tower' });
    expect(await verifyApplication(db, operator, id)).toEqual({ outcome: 'changed' });
    expect(await verifyApplication(db, operator, id)).toEqual({ outcome: 'unchanged' });
    expect(await isVerified(id)).toBe(true);
    expect(await unverifyApplication(db, operator, id)).toEqual({ outcome: 'changed' });
    expect(await isVerified(id)).toBe(false);
    const [no, yes] = [{ verified: false }, { verified: true }];
    expect(await acts(operator, id)).toEqual([
      { action: 'application.verified', outcome: 'done', before: no, after: yes },
      { action: 'application.unverified', outcome: 'done', before: yes, after: no },
    ]);
  });

  test('of two whose names read alike, by two operators at once, verifies one', async () => {
    const one = await register({ client_name: 'Paylink' });
    const two = await register({ client_name: 'PayIink' });
    const outcomes = await Promise.all(
      [one, two].map(({ id }) => verifyApplication(db, operator, id)),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['changed', 'name_taken']);
    const reason = expect.stringMatching(/ reads as that of .*Pay[lI]ink, app_/);
    expect(outcomes).toContainEqual({ outcome: 'name_taken', reason });
    expect([await isVerified(one.id), await isVerified(two.id)].sort()).toEqual([false, true]);
  });

  test('a resource server, and what is not there', async () => {
    const kind = { kind: 'platform' } as const;
    const made = await createResourceServer(db, operator, {
      name: 'Vault',
      kind,
      requiresResource: false,
    });
    const { client } = made as Extract<typeof made, { readonly client: unknown }>;
    for (const id of [client.id, 'nobody']) {
      const outcome = await verifyApplication(db, operator, id);
      expect(outcome).toEqual({ outcome: 'unknown_application' });
    }
  });
});

describe('settings of one client', () => {
  const set = (id: string, ...written: string[]) =>
    changeSettings(db, operator, { clientId: id, written, production: true });

  test('the required scope is a part of the scope; an operator may require anything of it', async () => {
    const { id } = await register({ scope: 'database:read_branches database:delete_branches' });
    expect(await set(id, 'required_scope=database:delete_branches')).toMatchObject({
      outcome: 'changed',
      required_scope: 'database:delete_branches',
    });
    expect((await findClient(db, id))?.requiredScope).toBe('database:delete_branches');
    expect(await set(id, 'required_scope=user:read_user')).toEqual({
      outcome: 'refused',
      reason: 'required_scope must be a part of scope',
    });
    expect(await set(id, 'required_scope=')).not.toHaveProperty('required_scope');
  });

  test('change together, are listed with their warnings, and leave a trail', async () => {
    const { id } = await register();
    const lifted = { pkce: 'optional', pushed_requests: 'required' };
    const warnings = [expect.stringContaining('PKCE')];
    expect(await set(id, 'pkce=optional', 'pushed_requests=required')).toEqual({
      outcome: 'changed',
      settings: lifted,
      warnings,
      post_logout_redirect_uris: [],
    });
    expect((await findClient(db, id))?.settings).toEqual(lifted);
    const listed = (await listSettings(db)).find((client) => client.id === id);
    expect(listed).toEqual({ id, name: 'Acme Backup', settings: lifted, warnings });

    expect(await set(id, 'pushed_requests=required')).toMatchObject({ outcome: 'unchanged' });
    const pushed = { pushed_requests: 'required' };
    expect(await set(id, 'pkce=required')).toMatchObject({ outcome: 'changed', settings: pushed });
    const changed = { action: 'application.settings_changed', outcome: 'done' };
    expect(await acts(operator, id)).toEqual([
      { ...changed, before: {}, after: lifted },
      { ...changed, before: lifted, after: pushed },
    ]);
  });

  test('survive a change of the registration', async () => {
    const { client, token } = await registered();
    await set(client.id, 'pushed_requests=required');
    const input = { ...usual, client_id: client.id, client_name: 'Another name' };
    const credentials = { clientId: client.id, token };
    const updated = await updateRegistration(db, credentials, { input, production: true, origin });
    expect(updated).toMatchObject({ outcome: 'updated' });
    expect((await findClient(db, client.id))?.settings).toEqual({ pushed_requests: 'required' });
  });

  test.each([
    ['nothing', [], 'name=value'],
    ['no value', ['pkce'], 'name=value'],
    ['an unknown name', ['constructor=1'], 'name=value'],
    ['an unknown value', ['pkce=off'], 'must be one of required, optional'],
    ['one fault among several', ['pushed_requests=required', 'pkce=off'], 'must be one of'],
  ])('%s changes nothing', async (_what, written, reason) => {
    const { id } = await register();
    const outcome = await set(id, ...written);
    expect(outcome).toEqual({ outcome: 'refused', reason: expect.stringContaining(reason) });
    expect((await findClient(db, id))?.settings).toEqual({});
  });

  test('a public client keeps PKCE; one without DPoP keeps rotation', async () => {
    const { id } = await register({ token_endpoint_auth_method: 'none' });
    expect(await set(id, 'pkce=optional')).toMatchObject({ outcome: 'refused' });
    const confidential = await register();
    const kept = await set(confidential.id, 'refresh_tokens=kept');
    expect(kept).toMatchObject({ outcome: 'refused' });
  });

  test('the addresses after signing out: replaced, checked as redirect URIs are, and taken out', async () => {
    const { id } = await register();
    const uris = ['https://acme.test/out', 'https://acme.test/out?x=1'];
    const written = `post_logout_redirect_uris=${uris.join(' ')}`;
    const changed = await set(id, written, 'pushed_requests=required');
    expect(changed).toMatchObject({ outcome: 'changed', post_logout_redirect_uris: uris });
    expect(await findClient(db, id)).toMatchObject({
      postLogoutRedirectUris: uris,
      settings: { pushed_requests: 'required' },
    });
    expect(await set(id, written)).toMatchObject({ outcome: 'unchanged' });
    expect(await set(id, 'post_logout_redirect_uris=http://acme.test/out')).toEqual({
      outcome: 'refused',
      reason: 'post_logout_redirect_uris[0] must use https',
    });
    expect(await set(id, 'post_logout_redirect_uris=')).toMatchObject({ outcome: 'changed' });
    expect((await findClient(db, id))?.postLogoutRedirectUris).toEqual([]);
  });

  test('an unknown client, and somebody who is no operator', async () => {
    expect(await set('nobody', 'pkce=optional')).toEqual({ outcome: 'unknown_client' });
    const { id } = await register();
    const outcome = await changeSettings(db, stranger, {
      clientId: id,
      written: ['pkce=optional'],
      production: true,
    });
    expect(outcome).toEqual({ outcome: 'not_allowed' });
  });
});

describe('secrets', () => {
  test('rotate without a gap: add, use both, delete the old one', async () => {
    const { id, secret: old } = await register();
    const added = await addSecret(db, operator, id);
    if (added.outcome !== 'added') throw new Error(added.outcome);
    expect(added.secret).toMatch(/^usher_cs_/);
    expect(await isClientSecret(db, id, old)).toBe(true);
    expect(await isClientSecret(db, id, added.secret)).toBe(true);

    const listed = await listSecrets(db, operator, id);
    if (listed.outcome !== 'listed') throw new Error(listed.outcome);
    expect(listed.secrets).toHaveLength(2);
    expect(listed.secrets[0]).toEqual({
      id: expect.any(String),
      name: '',
      createdAt: expect.any(Date),
      expiresAt: undefined,
      lastUsedAt: expect.any(Date),
    });
    expect(listed.secrets[1]?.id).toBe(added.id);

    const oldest = { clientId: id, secretId: listed.secrets[0]?.id ?? '' };
    expect(await deleteSecret(db, operator, oldest)).toEqual({ outcome: 'deleted' });
    expect(await deleteSecret(db, operator, oldest)).toEqual({ outcome: 'unknown_secret' });
    expect(await isClientSecret(db, id, old)).toBe(false);
    expect(await isClientSecret(db, id, added.secret)).toBe(true);
    const trail = await acts(operator, id);
    expect(trail.map(({ action }) => action)).toEqual([
      'client_secret.added',
      'client_secret.deleted',
    ]);
    expect(JSON.stringify(trail)).not.toContain(added.secret);
  });

  test('five at most, also when they are added at the same moment', async () => {
    const { id } = await register();
    const results = await Promise.all(Array.from({ length: 8 }, () => addSecret(db, operator, id)));
    const outcomes = results.map(({ outcome }) => outcome).toSorted();
    expect(outcomes).toEqual([...Array(4).fill('added'), ...Array(4).fill('too_many')]);
  });

  test('another client’s secret is not there', async () => {
    const [one, other] = [await register(), await register()];
    const listed = await listSecrets(db, operator, other.id);
    const secretId = listed.outcome === 'listed' ? (listed.secrets[0]?.id ?? '') : '';
    const foreign = { clientId: one.id, secretId };
    expect(await deleteSecret(db, operator, foreign)).toEqual({ outcome: 'unknown_secret' });
    const odd = { clientId: one.id, secretId: 'no uuid' };
    expect(await deleteSecret(db, operator, odd)).toEqual({ outcome: 'unknown_secret' });
    expect(await isClientSecret(db, other.id, other.secret)).toBe(true);
  });

  test('a public client has none', async () => {
    const { id } = await register({ token_endpoint_auth_method: 'none' });
    expect(await addSecret(db, operator, id)).toEqual({ outcome: 'uses_no_secret' });
  });

  test('an unknown client', async () => {
    const unknown = { outcome: 'unknown_client' };
    expect(await addSecret(db, operator, 'nobody')).toEqual(unknown);
    expect(await listSecrets(db, operator, 'nobody')).toEqual(unknown);
    const secret = { clientId: 'nobody', secretId: newId() };
    expect(await deleteSecret(db, operator, secret)).toEqual(unknown);
  });
});

describe('resource servers', () => {
  const platform = {
    name: 'Shop API',
    kind: { kind: 'platform' },
    requiresResource: true,
  } as const;

  test('of the platform, with a secret and a resource indicator', async () => {
    const audience = 'https://api.shop.test/';
    const made = await createResourceServer(db, operator, { ...platform, audience });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const { id } = made.client;
    expect(await findClient(db, id)).toMatchObject({
      name: 'Shop API',
      resourceServer: { kind: 'platform' },
      requiresResource: true,
      audience,
      dynamic: false,
      grantTypes: [],
      scope: '',
    });
    expect(await isClientSecret(db, id, made.secret)).toBe(true);
    expect(await findResourceServer(db, audience)).toMatchObject({ audience });
    const trail = await acts(operator, id);
    expect(trail).toEqual([expect.objectContaining({ action: 'resource_server.created' })]);
    expect(JSON.stringify(trail)).not.toContain(made.secret);

    const again = await createResourceServer(db, operator, { ...platform, audience });
    expect(again).toEqual({ outcome: 'audience_taken' });
  });

  test.each([
    ['https://one.test/v1', 'https://one.test/v1/'],
    ['https://two.test/', 'https://two.test'],
  ])('%s and %s cannot be two', async (one, other) => {
    const make = (audience: string) =>
      createResourceServer(db, operator, { ...platform, audience });
    expect(await make(one)).toMatchObject({ outcome: 'created' });
    expect(await make(other)).toEqual({ outcome: 'audience_taken' });
    expect(await findResourceServer(db, other)).toMatchObject({ audience: one });
  });

  test('under an address that names a resource; what it could be mistaken for is refused', async () => {
    const host = 'https://places.shop.test';
    const make = (audience: string, more: { scope?: string } = {}) =>
      createResourceServer(db, operator, { ...platform, audience, ...more });
    expect(await make(`${host}/{organization}/{database}`)).toMatchObject({ outcome: 'created' });
    expect(await make(`${host}/v1`)).toMatchObject({ outcome: 'created' });
    const pattern = `${host}/{organization}/{database}`;
    const refused = (field: string, reason: string) => ({ outcome: 'refused', field, reason });
    const fits = refused('audience', `must not fit ${pattern}, which is registered`);
    expect(await make(`${host}/acme/shop`)).toEqual(fits);
    expect(await make(`${host}/acme/{organization}`)).toEqual(fits);
    expect(await make(`${host}/{organization}`)).toEqual(
      refused('audience', `must not fit what is registered already: ${host}/v1`),
    );
    expect(await make(`${pattern}/`)).toEqual({ outcome: 'audience_taken' });
    expect(await make(`${host}/{database}`)).toMatchObject({
      reason: expect.stringContaining('in their order'),
    });
    expect(await make(`${host}/x/{organization}/{database}`, { scope: 'user:read_user' })).toEqual(
      refused('scope', 'must hold a scope for what is in the {database} of its address'),
    );
    expect(await findResourceServer(db, `${host}/acme/shop`)).toMatchObject({
      audience: `${host}/acme/shop`,
      addressed: { level: 'database', organizationId: undefined },
    });
    expect(await findResourceServer(db, `${host}/v1`)).toMatchObject({ addressed: undefined });
    expect(await findResourceServer(db, `${host}/acme`)).toBeUndefined();
  });

  test('of two that fit one address and come at once, one is refused', async () => {
    const host = 'https://at-once.shop.test';
    const outcomes = await Promise.all(
      [`${host}/{organization}`, `${host}/acme`].map((audience) =>
        createResourceServer(db, operator, { ...platform, audience }),
      ),
    );
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['created', 'refused']);
  });

  test('of an organization', async () => {
    const organizationId = newId();
    const insert = 'insert into organizations (id, slug, name) values ($1, $2, $3)';
    await run(db, insert, organizationId, 'acme', 'Acme');
    const kind = { kind: 'organization', organizationId } as const;
    const made = await createResourceServer(db, operator, { ...platform, kind });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    expect(await findClient(db, made.client.id)).toMatchObject({
      resourceServer: kind,
      ownerOrganizationId: organizationId,
    });
  });

  test('refuses what does not fit, and stores nothing', async () => {
    const count = () => run(db, 'select count(*) from clients');
    const before = await count();
    const kind = { kind: 'organization', organizationId: newId() } as const;
    const outcomes = [
      await createResourceServer(db, operator, { ...platform, kind }),
      await createResourceServer(db, operator, { ...platform, name: '' }),
      await createResourceServer(db, operator, { ...platform, audience: 'https://a.test/#x' }),
    ];
    expect(outcomes).toEqual([
      { outcome: 'unknown_organization' },
      { outcome: 'refused', field: 'name', reason: 'must not be empty' },
      { outcome: 'refused', field: 'audience', reason: 'must not have a fragment' },
    ]);
    expect(await count()).toEqual(before);
  });
});

describe('anyone else', () => {
  async function tryAll(actor: Actor): Promise<void> {
    const { id, secret } = await register();
    const kind = { kind: 'platform' } as const;
    const outcomes = [
      await suspendApplication(db, actor, id),
      await reinstateApplication(db, actor, id),
      await verifyApplication(db, actor, id),
      await unverifyApplication(db, actor, id),
      await addSecret(db, actor, id),
      await listSecrets(db, actor, id),
      await deleteSecret(db, actor, { clientId: id, secretId: newId() }),
      await createResourceServer(db, actor, { name: 'Mine', kind, requiresResource: false }),
    ];
    for (const outcome of outcomes) expect(outcome).toEqual({ outcome: 'not_allowed' });
    expect((await findClient(db, id))?.status).toBe('active');
    expect(await isClientSecret(db, id, secret)).toBe(true);
    const trail = await acts(actor, id);
    expect(trail).toHaveLength(7);
    for (const { outcome } of trail) expect(outcome).toBe('refused');
  }

  test('is refused, and the attempt is in the audit trail', () => tryAll(stranger));

  test('an operator whose account is suspended, too', async () => {
    const accountId = await makeAccount(db);
    await run(db, 'insert into operators (account_id) values ($1)', accountId);
    await run(db, `update accounts set status = 'suspended' where id = $1`, accountId);
    await tryAll({ accountId, origin });
  });
});
