/** Import lines about people: administrators, who leaves, and roles on databases. */

import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { freshSlug } from '../organizations/world.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { type Caller, requestOf, startApi } from './api-server.ts';

const api = forAllTests(startApi);
const plain = forAllTests(() => api.byService([]));
const raising = forAllTests(() => api.byService(['administrators']));

const at = forEachTest(() => ({ external_organization: randomUUID() }));
let ada: string;
const database = () => `${at.external_organization} db`;
beforeEach(async () => {
  ada = `ada-${randomUUID()}@platform.test`;
  const body = { slug: freshSlug(), name: 'People', administrator: 'admin@acme.test' };
  expect((await plain.send(requestOf('syncOrganization', at), { body })).status).toBe(200);
  await imported(plain, { type: 'database', external_id: database(), slug: 'shop' });
});

async function imported(by: Caller, ...lines: object[]) {
  const { text } = await by.send(requestOf('importLines', at), {
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const told = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.at(-1)).toMatchObject({ done: true, lines: lines.length });
  return told.slice(0, -1);
}

const member = (role?: string) => ({ type: 'member', member: ada, role });
const removal = () => ({ type: 'member_removal', member: ada });
const role = (name: string | null) => ({
  type: 'database_role',
  database: database(),
  member: ada,
  role: name,
});

async function rolesNow() {
  return api.db.query<{ role: string; on_database: string | null }>(
    statement(`select m.role, r.role as on_database
                 from organization_members m join accounts a on a.id = m.account_id
                 left join database_roles r
                   on r.organization_id = m.organization_id and r.account_id = m.account_id
                where a.email = $1`),
    [ada],
  );
}

async function newestChanges() {
  const [event] = await api.db.query<{ after: { changes: object[] } }>(
    statement(`select after from audit_events where action = 'organization.imported'
                order by id desc limit 1`),
  );
  return event?.after.changes;
}

describe('an administrator', () => {
  const refused = { outcome: 'refused', errors: [{ field: 'role' }] };

  test('is made by a client with the power alone, and the audit trail tells', async () => {
    expect(await imported(plain, member('organization_admin'))).toMatchObject([refused]);
    expect(await rolesNow()).toEqual([]);
    const [made] = await imported(raising, member('organization_admin'));
    expect(made).toMatchObject({ outcome: 'created' });
    expect(await rolesNow()).toEqual([{ role: 'organization_admin', on_database: null }]);
    expect(await newestChanges()).toEqual([{ id: made.id, after: { role: 'organization_admin' } }]);
  });

  test('is not made of a member either, one at a time or beside a line that is no good', async () => {
    await imported(plain, member());
    const request = requestOf('syncMember', { ...at, who: encodeURIComponent(ada) });
    const body = { role: 'organization_admin' };
    const answer = await plain.send(request, { body });
    expect([answer.status, answer.body.errors[0].field]).toEqual([422, 'role']);
    const beside = await imported(plain, member('organization_admin'), { type: 'team' });
    expect(beside).toMatchObject([refused, { outcome: 'refused' }]);
    expect((await raising.send(request, { body })).body.outcome).toBe('updated');
    expect(await rolesNow()).toMatchObject([{ role: 'organization_admin' }]);
  });

  test('loses the role by any service client, as by removal', async () => {
    await imported(raising, member('organization_admin'));
    const lowered = await imported(plain, member('organization_member'));
    expect(lowered).toMatchObject([{ outcome: 'updated' }]);
    expect(await rolesNow()).toMatchObject([{ role: 'organization_member' }]);
  });
});

describe('a role on a database', () => {
  test('is given, changed and taken; the same again changes nothing', async () => {
    const outcomes: string[] = [];
    await imported(plain, member());
    for (const name of ['database_reader', 'database_admin', null]) {
      for (const _ of [1, 2]) {
        const [told] = await imported(plain, role(name));
        outcomes.push(told.outcome);
        expect(await rolesNow()).toEqual([{ role: 'organization_member', on_database: name }]);
      }
    }
    const each = ['created', 'updated', 'removed'].flatMap((outcome) => [outcome, 'unchanged']);
    expect(outcomes).toEqual(each);
  });

  test('needs a member, and a database of this organization', async () => {
    const nobody = await imported(plain, role('database_reader'));
    expect(nobody).toMatchObject([{ outcome: 'refused', errors: [{ field: 'member' }] }]);
    const elsewhere = { ...role('database_reader'), database: randomUUID() };
    const nowhere = await imported(plain, member(), elsewhere);
    expect(nowhere[1]).toMatchObject({ outcome: 'refused', errors: [{ field: 'database' }] });
    const wrong = await imported(plain, member(), role('organization_admin'));
    expect(wrong[1]).toMatchObject({ outcome: 'refused', errors: [{ field: 'role' }] });
  });
});

test('a removal takes the member with the roles, and again changes nothing', async () => {
  expect(await imported(plain, removal())).toEqual([{ line: 1, outcome: 'unchanged' }]);
  await imported(plain, member(), role('database_reader'));
  const [gone] = await imported(plain, removal());
  expect(gone.outcome).toBe('removed');
  expect(await rolesNow()).toEqual([]);
  expect(await newestChanges()).toEqual([
    { id: gone.id, before: { role: 'organization_member', suspended: false } },
  ]);
  expect((await imported(plain, removal()))[0].outcome).toBe('unchanged');
  expect((await imported(plain, member()))[0].outcome).toBe('created');
  expect(await rolesNow()).toEqual([{ role: 'organization_member', on_database: null }]);
});
