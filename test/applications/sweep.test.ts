/** Applications that registered themselves and were never used are removed after as many days as is set. */

import { expect, test } from 'vitest';
import { registerApplication } from '../../src/applications/register.ts';
import { sweepUnusedApplications } from '../../src/applications/sweep.ts';
import { newId } from '../../src/lib/ids.ts';
import { isClientSecret } from '../../src/storage/clients/client-secrets.ts';
import { findClient, saveClient, setClientStatus } from '../../src/storage/clients/clients.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { consentTo, run, usual } from './registration-server.ts';

const database = forAllTests(openTestDatabase);

async function registerDaysAgo(days: number) {
  const origin = { address: undefined, userAgent: undefined };
  const request = { input: usual, production: true, origin };
  const result = await registerApplication(database.db, request);
  if (result.outcome === 'refused') throw new Error(result.description);
  const { id } = result.client;
  const age = 'update clients set created_at = now() - make_interval(days => $2) where id = $1';
  await run(database.db, age, id, days);
  return { id, client: result.client, secret: result.secret ?? '' };
}

async function isThere({ id }: { id: string }): Promise<boolean> {
  return (await findClient(database.db, id)) !== undefined;
}

test('a shorter time takes what is younger', async () => {
  const young = await registerDaysAgo(31);
  const younger = await registerDaysAgo(29);
  await sweepUnusedApplications(database.db, 30);
  expect([await isThere(young), await isThere(younger)]).toEqual([false, true]);
});

test('what was used, approved, suspended, verified or is young stays', async () => {
  const { db } = database;
  const unused = await registerDaysAgo(91);
  const young = await registerDaysAgo(89);
  const consented = await registerDaysAgo(91);
  await consentTo(db, consented.id);
  const authenticated = await registerDaysAgo(91);
  await isClientSecret(db, authenticated.id, authenticated.secret);
  const suspended = await registerDaysAgo(91);
  await setClientStatus(db, suspended.id, 'suspended');
  const verified = await registerDaysAgo(91);
  const approved = await registerDaysAgo(91);
  const organizationId = newId();
  const organization = 'insert into organizations (id, slug, name) values ($1, $2, $3)';
  await run(db, organization, organizationId, 'acme', 'Acme');
  const approval = 'insert into application_approvals (organization_id, client_id) values ($1, $2)';
  await run(db, approval, organizationId, approved.id);
  const made = { ...(await registerDaysAgo(91)).client, id: 'made-by-hand', dynamic: false };
  await saveClient(db, made);
  await run(db, `update clients set created_at = now() - interval '1 year' where id = $1`, made.id);
  // Last: nobody registers under the name of a verified application.
  await run(db, 'update clients set is_verified = true where id = $1', verified.id);

  expect(await sweepUnusedApplications(db, 90)).toBe(false);
  expect(await isThere(unused)).toBe(false);
  for (const kept of [young, consented, authenticated, suspended, verified, approved, made]) {
    expect(await isThere(kept)).toBe(true);
  }
  const trail = `select action from audit_events where subject = $1 order by id`;
  expect(await run(db, trail, unused.id)).toEqual([
    { action: 'application.registered' },
    { action: 'application.swept' },
  ]);
});

test('a full batch says that there is more', async () => {
  const { db } = database;
  await run(
    db,
    `insert into clients (id, name, auth_method, is_dynamic, created_at)
     select 'old-' || n, 'Old', 'none', true, now() - interval '1 year' from generate_series(1, 150) n`,
  );
  expect(await sweepUnusedApplications(db, 90)).toBe(true);
  expect(await sweepUnusedApplications(db, 90)).toBe(false);
  expect(await run(db, `select from clients where id like 'old-%'`)).toEqual([]);
});
