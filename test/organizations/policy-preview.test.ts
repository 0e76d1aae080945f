/** What another policy would take is counted before it is set, and taken when it is. */

import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { approveApplication } from '../../src/organizations/application-approvals.ts';
import type { PolicyWish } from '../../src/organizations/organization-settings.ts';
import { previewPolicy } from '../../src/organizations/policy-preview.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { inSession, makeApplication, makeConsent, makeWorld } from './world.ts';

const database = forAllTests(openTestDatabase);
const world = forEachTest(() => makeWorld(database.db));

const run = (sql: string, ...values: unknown[]) => database.db.query(statement(sql), values);

/** An application of that name that members let read the organization, with production. */
async function application(name: string, columns: string, members: string[]): Promise<string> {
  const id = await makeApplication(database.db, newId());
  await run(
    `update clients set name = $1, scope = 'organization:read_organization' where id = $2`,
    name,
    id,
  );
  if (columns !== '') await run(`update clients set ${columns} where id = $1`, id);
  for (const member of members) {
    await makeConsent(database.db, member, id, world.ids.organizationId);
  }
  return id;
}

async function preview(wish: PolicyWish) {
  const admin = inSession(world.accounts.admin);
  const found = await previewPolicy(database.db, admin, world.ids.organizationId, wish);
  const { applications, members, consents } = found;
  return [applications.map(({ name, loses }) => `${name}: ${loses}`), members, consents];
}

test('each policy takes from those that it concerns, and from nobody else', async () => {
  const { member, developer, admin } = world.accounts;
  await application('Own', `owner_organization_id = '${world.ids.organizationId}'`, [member]);
  await application('Unverified', '', [member, developer]);
  await application('Verified', 'is_verified = true', [member, admin]);
  const approved = await application('Approved', '', [admin]);
  const at = { organizationId: world.ids.organizationId, clientId: approved };
  const ceilings = { scopes: undefined, production: false, maxGrantSeconds: undefined };
  await approveApplication(database.db, inSession(admin), at, ceilings);

  expect(await preview({})).toEqual([[], 0, 0]);
  expect(await preview({ applicationPolicy: 'verified_only' })).toEqual([
    ['Approved: production', 'Unverified: everything'],
    3,
    3,
  ]);
  expect(await preview({ applicationPolicy: 'approval_required' })).toEqual([
    ['Approved: production', 'Unverified: everything', 'Verified: everything'],
    3,
    5,
  ]);
  expect(await preview({ guardsProduction: true })).toEqual([
    ['Approved: production', 'Unverified: production'],
    3,
    3,
  ]);
  await run('update consent_entries set includes_production = false');
  expect(await preview({ guardsProduction: true })).toEqual([[], 0, 0]);
});

test('only who sees the access may look', async () => {
  const work = previewPolicy(
    database.db,
    inSession(world.accounts.member),
    world.ids.organizationId,
    {},
  );
  await expect(work).rejects.toMatchObject({ refusal: { code: 'forbidden' } });
});
