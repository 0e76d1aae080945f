/** A question without `resource`: what the token may do, resource by resource (RFC 9396). */

import { describe, expect, test } from 'vitest';
import { authorizationDetailsOf } from '../../src/introspection/authorization-details.ts';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret, sha256 } from '../../src/lib/secrets.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { worldIn } from '../support/world.ts';
import { everything, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);

const start = () => scenario(database.db);

test('an entry is listed with what holds on something that exists', async () => {
  const { ask, acme, shop, dev, agree, world, alice } = await start();
  await agree(acme, 'organization:read_branches organization:promote_branches');
  await agree(dev, 'branch:read_branch');
  const path = `organizations/${acme.slug}`;
  const branch = {
    type: 'usher',
    level: 'branch',
    identifier: printId('branch', dev.id),
    path: `${path}/databases/${shop.slug}/branches/${dev.slug}`,
    actions: ['branch:read_branch'],
  };
  const organization = {
    type: 'usher',
    level: 'organization',
    identifier: printId('organization', acme.id),
    path,
    actions: ['organization:read_branches'],
  };
  expect(await ask()).toMatchObject({
    scope: 'organization:read_branches branch:read_branch',
    authorization_details: [organization, branch],
  });
  await world.role(shop, alice, 'database_admin');
  const actions = ['organization:read_branches', 'organization:promote_branches'];
  expect(await ask()).toMatchObject({
    scope: 'organization:read_branches organization:promote_branches branch:read_branch',
    authorization_details: [{ ...organization, actions }, branch],
  });
});

test('rows of one resource are one element', async () => {
  const { ask, shop, agree } = await start();
  await agree(shop, 'database:write_branches');
  await agree(shop, 'database:read_branches');
  await agree(shop, 'database:read_database', { version: 2 });
  expect(await ask()).toMatchObject({
    scope: 'database:read_branches database:write_branches',
    authorization_details: [{ actions: ['database:read_branches', 'database:write_branches'] }],
  });
});

test('an entry that gives nothing now is left out', async () => {
  const { ask, main, shop, agree } = await start();
  await agree(main, 'branch:delete_branch');
  await agree(shop, everything, { version: 2 });
  const answer = await ask();
  expect(answer).toMatchObject({ active: true, authorization_details: [] });
  expect(answer).not.toHaveProperty('scope');
});

describe('the details of a token response', () => {
  test('are those of the introspection, inside the transaction that issued the token', async () => {
    const { shop, agree, world, ask, token, grant } = await start();
    await agree(shop, 'database:read_database');
    await world.run('delete from tokens where id = $1', [sha256(token)]);
    const fresh = randomSecret('usher_at_');
    const details = await database.db.run(async (tx) => {
      await worldIn(tx).token(grant, { id: sha256(fresh), scope: everything });
      return authorizationDetailsOf(tx, sha256(fresh));
    });
    expect(details).toMatchObject([{ level: 'database', actions: ['database:read_database'] }]);
    expect(await ask()).toStrictEqual({ active: false });
  });

  test('are none for a token that is not there, or whose client is suspended', async () => {
    const { token } = await scenario(database.db, { client: { status: 'suspended' } });
    expect(await authorizationDetailsOf(database.db, sha256(token))).toEqual([]);
    expect(await authorizationDetailsOf(database.db, sha256('none'))).toEqual([]);
  });
});
