/** Who may ask about which token, and what of the answer is theirs. RFC 7662 section 4. */

import { describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Columns, worldIn } from '../support/world.ts';
import { issuer, type Scenario, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);

const dead = { active: false };
const scope = 'openid email database:read_database user:read_user';

/** Alice agreed to one scope on shop and one on her account. */
async function consented(token: Columns = {}): Promise<Scenario> {
  const world = await scenario(database.db, { token: { scope, ...token } });
  await world.agree(world.shop, 'database:read_database');
  await world.agree(undefined, 'user:read_user');
  return world;
}

function client(columns: Columns) {
  return worldIn(database.db).client(columns);
}

describe('a platform resource server', () => {
  test('sees all of every access token', async () => {
    const { ask, alice, app, acme, shop } = await consented();
    const answer = await ask();
    expect(answer).toStrictEqual({
      active: true,
      iss: issuer,
      sub: printId('user', alice.id),
      username: alice.email,
      client_id: app.id,
      token_type: 'Bearer',
      iat: expect.any(Number),
      exp: expect.any(Number),
      scope: 'openid email user:read_user database:read_database',
      authorization_details: [
        {
          type: 'usher',
          level: 'user',
          identifier: printId('user', alice.id),
          path: 'user',
          actions: ['user:read_user'],
        },
        {
          type: 'usher',
          level: 'database',
          identifier: printId('database', shop.id),
          path: `organizations/${acme.slug}/databases/${shop.slug}`,
          production: true,
          actions: ['database:read_database'],
        },
      ],
    });
    expect(Object.keys(answer)).toEqual([
      ...['active', 'iss', 'sub', 'username', 'client_id', 'token_type', 'iat', 'exp'],
      ...['scope', 'authorization_details'],
    ]);
  });

  test('gets nothing once it is suspended', async () => {
    const { ask } = await consented();
    const suspended = await client({ resource_server: 'platform', status: 'suspended' });
    expect(await ask(undefined, suspended.id)).toStrictEqual(dead);
    expect(await ask('user', suspended.id)).toStrictEqual(dead);
  });

  test('that requires a resource gets the account only when it names none', async () => {
    const { ask, shop } = await consented();
    const careful = await client({ resource_server: 'platform', requires_resource: true });
    expect(await ask(undefined, careful.id)).toMatchObject({
      scope: 'openid email user:read_user',
      authorization_details: [{ level: 'user', actions: ['user:read_user'] }],
    });
    expect(await ask(printId('database', shop.id), careful.id)).toMatchObject({
      scope: 'database:read_database',
    });
  });
});

describe('a resource server of an organization', () => {
  test('sees the entries of its organization and nothing of the account', async () => {
    const { ask, acme, shop } = await consented();
    const own = await client({ resource_server: 'organization', owner_organization_id: acme.id });
    expect(await ask(undefined, own.id)).toMatchObject({
      active: true,
      scope: 'database:read_database',
      authorization_details: [{ identifier: printId('database', shop.id) }],
    });
    expect(await ask(printId('database', shop.id), own.id)).toMatchObject({
      scope: 'database:read_database',
    });
    const user = await ask('user', own.id);
    expect(user).toMatchObject({ active: true });
    expect(user).not.toHaveProperty('scope');
    expect(user).not.toHaveProperty('resource');
  });

  test('does not see another organization that the consent reaches as well', async () => {
    const { ask, acme, agree, alice, world } = await consented();
    const other = await world.organization();
    await world.member(other, alice);
    const notes = await world.database(other);
    await agree(notes, 'database:read_database');
    const own = await client({ resource_server: 'organization', owner_organization_id: acme.id });
    const answer = await ask(printId('database', notes.id), own.id);
    expect(answer).toStrictEqual(await ask('external:nothing', own.id));
    const all = await ask(undefined, own.id);
    expect(all).toMatchObject({ authorization_details: [{ level: 'database' }] });
    expect(JSON.stringify(all)).not.toContain(notes.slug);
  });

  test('gets nothing where the consent has no entry there', async () => {
    const { ask } = await consented();
    const { id } = await worldIn(database.db).organization();
    const foreign = await client({ resource_server: 'organization', owner_organization_id: id });
    expect(await ask(undefined, foreign.id)).toStrictEqual(dead);
    expect(await ask('user', foreign.id)).toStrictEqual(dead);
  });

  test('gets nothing where the only entry was made after the token', async () => {
    const { ask, acme } = await consented({ consent_version: 0 });
    const own = await client({ resource_server: 'organization', owner_organization_id: acme.id });
    expect(await ask(undefined, own.id)).toStrictEqual(dead);
  });

  test('that requires a resource sees nothing in a question without one', async () => {
    const { ask, acme } = await consented();
    const own = await client({
      resource_server: 'organization',
      owner_organization_id: acme.id,
      requires_resource: true,
    });
    const answer = await ask(undefined, own.id);
    expect(answer).toMatchObject({ active: true, authorization_details: [] });
    expect(answer).not.toHaveProperty('scope');
  });
});

describe('an application', () => {
  test('sees all of its own access token', async () => {
    const { ask, app } = await consented();
    expect(await ask(undefined, app.id)).toStrictEqual(await ask());
    expect(await ask('user', app.id)).toStrictEqual(await ask('user'));
  });

  test('gets nothing about the token of another', async () => {
    const { ask, acme } = await consented();
    const owned = await client({ owner_organization_id: acme.id });
    for (const { id } of [await client({}), owned, { id: 'nobody' }, { id: 'a\0b' }]) {
      expect(await ask(undefined, id)).toStrictEqual(dead);
      expect(await ask('user', id)).toStrictEqual(dead);
    }
  });
});

describe('a refresh token', () => {
  test('is active for its own client only, with the scope as issued', async () => {
    const { ask, app, alice, acme, api } = await consented({
      kind: 'RefreshToken',
      payload: { jkt: 'thumbprint' },
    });
    const own = await client({ resource_server: 'organization', owner_organization_id: acme.id });
    const answer = {
      active: true,
      iss: issuer,
      sub: printId('user', alice.id),
      username: alice.email,
      client_id: app.id,
      iat: expect.any(Number),
      exp: expect.any(Number),
      scope,
      cnf: { jkt: 'thumbprint' },
    };
    expect(await ask(undefined, app.id)).toStrictEqual(answer);
    expect(await ask('user', app.id)).toStrictEqual(answer);
    for (const { id } of [api, own]) expect(await ask(undefined, id)).toStrictEqual(dead);
  });
});

describe('a token for one audience', () => {
  test('answers that resource server and its own client', async () => {
    const audience = 'https://api.example/a';
    const { ask, app, api } = await consented({ payload: { aud: audience } });
    const meant = await client({ resource_server: 'platform', audience });
    const other = await client({ resource_server: 'platform', audience: 'https://api.example/b' });
    expect(await ask(undefined, meant.id)).toMatchObject({ active: true, aud: audience });
    expect(await ask(undefined, app.id)).toMatchObject({ active: true, aud: audience });
    for (const { id } of [other, api]) expect(await ask(undefined, id)).toStrictEqual(dead);
  });
});

test('a token bound to a key says so', async () => {
  const { ask } = await consented({ payload: { jkt: 'thumbprint' } });
  expect(await ask()).toMatchObject({ token_type: 'DPoP', cnf: { jkt: 'thumbprint' } });
});

test('times are the stored ones, in whole seconds', async () => {
  const times = { issued_at: new Date(1_700_000_000_900), expires_at: new Date(4_000_000_000_900) };
  const { ask } = await consented(times);
  expect(await ask()).toMatchObject({ iat: 1_700_000_000, exp: 4_000_000_000 });
});
