/** A question with `resource`: how it is found, when it is told, and what a change does at once. */

import { describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { everything, type Scenario, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);

const start = () => scenario(database.db);
const scopeIn = (answer: object) => ('scope' in answer ? answer.scope : undefined);

/** What the answer about something that is not there looks like. */
async function asIfAbsent({ ask }: Scenario): Promise<unknown> {
  const answer = await ask('br_00000000000000000000000000000000');
  expect(Object.keys(answer)).toEqual([
    ...['active', 'iss', 'sub', 'username', 'client_id', 'token_type', 'iat', 'exp'],
  ]);
  return answer;
}

describe('the resource is found', () => {
  test('by its id, its external id and its slugs', async () => {
    const { ask, acme, shop, main, agree, world } = await start();
    await agree(acme, everything);
    const paths = [
      `organizations/${acme.slug}`,
      `organizations/${acme.slug}/databases/${shop.slug}`,
      `organizations/${acme.slug}/databases/${shop.slug}/branches/${main.slug}`,
    ];
    const tree = [
      ['organization', 'organizations', acme],
      ['database', 'databases', shop],
      ['branch', 'branches', main],
    ] as const;
    for (const [level, [type, table, { id }]] of tree.entries()) {
      const external = `${type}/${acme.slug}`;
      await world.run(`update ${table} set external_id = $1 where id = $2`, [external, id]);
      const answer = await ask(printId(type, id));
      expect(answer).toMatchObject({
        resource: { type, identifier: printId(type, id), path: paths[level] },
      });
      expect(await ask(`external:${external}`)).toStrictEqual(answer);
      expect(await ask(paths[level])).toStrictEqual(answer);
      expect(await ask(`/${paths[level]}`)).toStrictEqual(answer);
    }
  });

  test('but not by an external id that things of two kinds have', async () => {
    const scene = await start();
    const { ask, acme, shop, main, agree, world } = scene;
    await agree(acme, everything);
    const external = `external:${acme.slug}`;
    await world.run('update branches set external_id = $1 where id = $2', [acme.slug, main.id]);
    expect(await ask(external)).toMatchObject({ resource: { type: 'branch' } });
    await world.run('update databases set external_id = $1 where id = $2', [acme.slug, shop.id]);
    expect(await ask(external)).toStrictEqual(await asIfAbsent(scene));
  });

  test('after it was renamed, and not by its old name', async () => {
    const scene = await start();
    const { ask, acme, shop, agree, world } = scene;
    await agree(shop, 'database:read_database');
    const path = (slug: string) => `organizations/${acme.slug}/databases/${slug}`;
    await world.run(`update databases set slug = 'bazaar' where id = $1`, [shop.id]);
    expect(await ask(path('bazaar'))).toMatchObject({ scope: 'database:read_database' });
    expect(await ask(printId('database', shop.id))).toMatchObject({
      resource: { path: path('bazaar') },
    });
    expect(await ask(path(shop.slug))).toStrictEqual(await asIfAbsent(scene));
  });

  test('and a new one under an old name inherits nothing', async () => {
    const scene = await start();
    const { ask, acme, shop, agree, world } = scene;
    await agree(shop, 'database:read_database');
    const path = `organizations/${acme.slug}/databases/${shop.slug}`;
    await world.run('delete from databases where id = $1', [shop.id]);
    await world.database(acme, { slug: shop.slug });
    expect(await ask(path)).toStrictEqual(await asIfAbsent(scene));
  });

  test('though what was consented to is under it', async () => {
    const { ask, acme, shop, dev, agree } = await start();
    await agree(dev, 'branch:read_branch');
    for (const name of [printId('organization', acme.id), printId('database', shop.id)]) {
      const answer = await ask(name);
      expect(answer).toMatchObject({ below: ['branch:read_branch'] });
      expect(answer).toHaveProperty('resource');
      expect(answer).not.toHaveProperty('scope');
    }
  });
});

describe('nothing is told of', () => {
  test('what the consent does not reach', async () => {
    const scene = await start();
    const { ask, acme, dev, main, agree, alice, world } = scene;
    await agree(dev, everything);
    const other = await world.organization();
    await world.member(other, alice);
    const absent = await asIfAbsent(scene);
    expect(await ask(printId('branch', main.id))).toStrictEqual(absent);
    expect(await ask(printId('organization', other.id))).toStrictEqual(absent);
    expect(await ask(`organizations/${other.slug}`)).toStrictEqual(absent);
    expect(await ask(`organizations/${acme.slug}/databases/none`)).toStrictEqual(absent);
    expect(await ask('external:none')).toStrictEqual(absent);
    expect(await ask('x'.repeat(1001))).toStrictEqual(absent);
    expect(await ask('')).toStrictEqual(absent);
    expect(await ask('user')).not.toHaveProperty('authorization_details');
  });

  test('what is reached only by entries made after the token', async () => {
    const scene = await start();
    const { ask, shop, dev, agree } = scene;
    await agree(shop, everything, { version: 2 });
    await agree(dev, everything, { version: 2 });
    for (const name of [printId('database', shop.id), printId('branch', dev.id)]) {
      expect(await ask(name)).toStrictEqual(await asIfAbsent(scene));
    }
  });
});

describe('about the account', () => {
  test('the scope holds OpenID and the user level', async () => {
    const { ask, agree, alice } = await scenario(database.db, {
      token: { scope: `profile openid ${everything}` },
    });
    await agree(undefined, 'user:read_user');
    expect(await ask('user')).toMatchObject({
      scope: 'profile openid user:read_user',
      resource: { type: 'user', identifier: printId('user', alice.id), path: 'user' },
    });
    expect(await ask('user')).not.toHaveProperty('below');
  });

  test('nothing is told when the token has neither', async () => {
    const scene = await start();
    await scene.agree(scene.shop, everything);
    expect(await scene.ask('user')).toStrictEqual(await asIfAbsent(scene));
  });
});

/** Alice agreed to read and promote the branches of acme, and is Database Administrator of shop. */
async function withRoles() {
  const scene = await start();
  const { world, shop, alice, acme, agree } = scene;
  await world.role(shop, alice, 'database_admin');
  await agree(acme, 'organization:promote_branches organization:read_branches');
  const scopeOf = async (name: string) => {
    const answer = await scene.ask(name);
    return answer.active ? answer.scope : 'inactive';
  };
  return { ...scene, scopeOf };
}

describe('the next answer follows a change of', () => {
  const both = 'organization:read_branches organization:promote_branches';
  const read = 'organization:read_branches';

  test('the direct role', async () => {
    const { scopeOf, dev, world, shop } = await withRoles();
    const name = printId('branch', dev.id);
    expect(await scopeOf(name)).toBe(both);
    await world.run('delete from database_roles where database_id = $1', [shop.id]);
    expect(await scopeOf(name)).toBe(read);
  });

  test('the team', async () => {
    const { scopeOf, dev, world, shop, acme, alice } = await withRoles();
    const name = printId('branch', dev.id);
    await world.run('delete from database_roles where database_id = $1', [shop.id]);
    await world.team(acme, [alice], [shop]);
    expect(await scopeOf(name)).toBe(both);
    await world.run('delete from team_members where organization_id = $1', [acme.id]);
    expect(await scopeOf(name)).toBe(read);
  });

  test('the base role', async () => {
    const { scopeOf, dev, world, shop, acme } = await withRoles();
    const name = printId('branch', dev.id);
    await world.run('delete from database_roles where database_id = $1', [shop.id]);
    await world.run(`update organizations set base_role = 'none' where id = $1`, [acme.id]);
    expect(await scopeOf(name)).toBeUndefined();
  });

  test('the organization role', async () => {
    const { scopeOf, dev, world, shop, acme } = await withRoles();
    await world.run('delete from database_roles where database_id = $1', [shop.id]);
    const promote = `update organization_members set role = 'organization_admin'`;
    await world.run(`${promote} where organization_id = $1`, [acme.id]);
    expect(await scopeOf(printId('branch', dev.id))).toBe(both);
  });

  test('the membership: suspended, then gone', async () => {
    const { scopeOf, ask, dev, world, acme } = await withRoles();
    const name = printId('branch', dev.id);
    const suspend = 'update organization_members set suspended_at = now()';
    await world.run(`${suspend} where organization_id = $1`, [acme.id]);
    expect(await scopeOf(name)).toBeUndefined();
    expect(await ask(name)).toHaveProperty('resource');
    await world.run('delete from organization_members where organization_id = $1', [acme.id]);
    expect(await ask(name)).not.toHaveProperty('resource');
  });

  test('the production flag', async () => {
    const { ask, dev, main, world } = await withRoles();
    const name = printId('branch', dev.id);
    expect(await ask(name)).toMatchObject({ resource: { production: false }, scope: both });
    await world.run('update branches set production = true where id = $1', [dev.id]);
    expect(await ask(name)).toMatchObject({ resource: { production: true } });
    expect(await ask(name)).toMatchObject({ scope: read });
    expect(await ask(printId('branch', main.id))).toMatchObject({ scope: read });
  });

  test('the client registration', async () => {
    const { scopeOf, dev, world, app } = await withRoles();
    await world.run(`update clients set scope = $1 where id = $2`, [read, app.id]);
    expect(await scopeOf(printId('branch', dev.id))).toBe(read);
  });

  test('the consent', async () => {
    const { scopeOf, dev, world, consent } = await withRoles();
    const narrow = 'update consent_entries set scope = $1 where consent_id = $2';
    await world.run(narrow, [read, consent.id]);
    expect(await scopeOf(printId('branch', dev.id))).toBe(read);
  });

  test('the policy and the approval', async () => {
    const { scopeOf, dev, world, acme, app, grant } = await withRoles();
    const name = printId('branch', dev.id);
    await world.run(
      `update organizations set application_policy = 'approval_required' where id = $1`,
      [acme.id],
    );
    expect(await scopeOf(name)).toBeUndefined();
    await world.approval(acme, app, { scope: read, max_grant_seconds: 3600 });
    expect(await scopeOf(name)).toBe(read);
    await world.run(
      `update tokens set granted_at = now() - interval '1 hour' where grant_id = $1`,
      [grant.id],
    );
    expect(await scopeOf(name)).toBeUndefined();
    await world.run('update application_approvals set max_grant_seconds = null');
    expect(await scopeOf(name)).toBe(read);
    await world.run('delete from application_approvals');
    await world.run('update clients set owner_organization_id = $1 where id = $2', [
      acme.id,
      app.id,
    ]);
    expect(await scopeOf(name)).toBe(both);
  });
});

test('an unverified application gets nothing where it must be verified, unless it is approved', async () => {
  const { ask, dev, agree, shop, acme, world, app } = await scenario(database.db, {
    organization: { application_policy: 'verified_only' },
  });
  await agree(shop, 'database:read_branches');
  const held = async () => scopeIn(await ask(printId('branch', dev.id)));
  expect(await held()).toBeUndefined();
  expect(await ask()).toMatchObject({ authorization_details: [] });
  await world.approval(acme, app);
  expect(await held()).toBe('database:read_branches');
  await world.run('delete from application_approvals');
  await world.run('update clients set is_verified = true where id = $1', [app.id]);
  expect(await held()).toBe('database:read_branches');
  expect(await ask()).toMatchObject({
    authorization_details: [{ actions: ['database:read_branches'] }],
  });
});

test('an unverified application reaches no production where that takes an approval', async () => {
  const { ask, dev, main, agree, shop, acme, world, app } = await scenario(database.db, {
    organization: { guards_production: true },
  });
  await agree(shop, 'database:read_branches');
  const held = async ({ id }: { id: string }) => scopeIn(await ask(printId('branch', id)));
  expect([await held(dev), await held(main)]).toEqual(['database:read_branches', undefined]);
  await world.approval(acme, app, { production: false });
  expect(await held(main)).toBeUndefined();
  await world.run('update application_approvals set production = true');
  expect(await held(main)).toBe('database:read_branches');
  await world.run('delete from application_approvals');
  await world.run('update clients set is_verified = true where id = $1', [app.id]);
  expect(await held(main)).toBe('database:read_branches');
});

test('what is shut out gets nothing there, be it the organization’s own, and the rest stays', async () => {
  const { ask, dev, agree, shop, acme, alice, world, app } = await scenario(database.db);
  const other = await world.organization();
  await world.member(other, alice);
  const [elsewhere] = [await world.database(other)];
  await agree(shop, 'database:read_database');
  await agree(elsewhere, 'database:read_database');
  await world.run('update clients set owner_organization_id = $1 where id = $2', [acme.id, app.id]);
  await world.shutOut(acme, app);
  await world.run('update organizations set shuts_out = true where id = $1', [acme.id]);
  const held = async (id: string) => scopeIn(await ask(printId('database', id)));
  expect(await held(shop.id)).toBeUndefined();
  expect(scopeIn(await ask(printId('branch', dev.id)))).toBeUndefined();
  expect(await held(elsewhere.id)).toBe('database:read_database');
});

test('an approval without production leaves production branches out', async () => {
  const { ask, main, dev, agree, shop, acme, world, app } = await scenario(database.db, {
    organization: { application_policy: 'approval_required' },
  });
  await world.approval(acme, app, { production: false });
  await agree(shop, 'database:read_branches');
  expect(await ask(printId('branch', dev.id))).toMatchObject({ scope: 'database:read_branches' });
  expect(await ask(printId('branch', main.id))).not.toHaveProperty('scope');
});

test('an entry without production reaches no production branch, whatever the role', async () => {
  const { ask, main, dev, agree, shop, acme } = await scenario(database.db, {
    member: { role: 'organization_admin' },
  });
  await agree(acme, everything, { includes_production: false });
  await agree(shop, everything, { includes_production: false });
  expect(await ask(printId('branch', dev.id))).toHaveProperty('scope');
  expect(await ask(printId('branch', main.id))).not.toHaveProperty('scope');
  const answer = await ask(printId('database', shop.id));
  const below = 'below' in answer ? answer.below : undefined;
  expect(below).toContain('database:delete_branches');
  expect(below).not.toContain('database:delete_production_branches');

  await agree(main, 'branch:read_branch');
  expect(await ask(printId('branch', main.id))).toMatchObject({ scope: 'branch:read_branch' });
});

test('a branch entry rests while the branch is of the other kind', async () => {
  const { ask, dev, agree, world } = await start();
  await agree(dev, 'branch:read_branch branch:delete_branch');
  const name = printId('branch', dev.id);
  expect(await ask(name)).toMatchObject({ scope: 'branch:read_branch branch:delete_branch' });
  await world.run('update branches set production = true where id = $1', [dev.id]);
  expect(await ask(name)).toMatchObject({ scope: 'branch:read_branch' });
});
