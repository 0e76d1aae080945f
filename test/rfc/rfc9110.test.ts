/** RFC 9110 section 13, conditional requests: at the management API none is answered as if it made no condition. */

import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { type Caller, printed, requestOf, startApi } from '../api/api-server.ts';
import { samples } from '../api/samples.ts';
import { makeApplication, makeConsent, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const api = forAllTests(startApi);
beforeAll(() => makeApplication(api.db, 'an-application'));

const tables = ['organizations', 'organization_members', 'databases', 'branches', 'teams']
  .concat(['team_members', 'team_databases', 'database_roles', 'invitations'])
  .concat([
    'application_approvals',
    'approval_requests',
    'application_shut_outs',
    'consents',
    'accounts',
    'audit_events',
    'idempotency_keys',
  ]);

async function everything(): Promise<string> {
  const found = await Promise.all(
    tables.map((table) => api.db.query(statement(`select t::text from ${table} t order by 1`))),
  );
  return JSON.stringify(found);
}

/** A world of its own, in which the request of a route does what it should. */
async function ready(id: string) {
  const { first = [], body, query = '', headers = {}, isByService } = samples[id] ?? {};
  const world = await makeWorld(api.db);
  const at = printed(world.ids);
  const { accountId, organizationId } = world.ids;
  await makeConsent(api.db, accountId, 'an-application', organizationId);
  const admin = await api.inBrowser(world.accounts.admin);
  await admin.send(requestOf('addTeamMember', at));
  const caller: Caller = isByService ? await api.byService() : admin;
  for (const [before, sent] of first) await caller.send(requestOf(before, at), { body: sent });
  const request = requestOf(id, at) + query;
  return (conditions: Record<string, string> = {}) =>
    caller.send(request, { body, headers: { ...headers, ...conditions } });
}

/** What they are asked about is not there yet. */
const makesWhatWasNot = new Set([
  'putOwnedKeys',
  'putPersonalKeys',
  'approveApplication',
  'requestApproval',
  'shutOutApplication',
]);

const isReading = ({ address }: { address: string }) => address.startsWith('GET ');
const reading = routes.filter((route) => isReading(route) && route.file === undefined);
const changing = routes.filter((route) => !isReading(route));

describe('sections 13.1.1 and 13.1.2, what changes something', () => {
  test.each(changing.map(({ id }) => id))(
    '%s is done under no condition that is not met',
    async (id) => {
      const send = await ready(id);
      const before = await everything();
      const { status, body, headers } = await send({ 'if-match': '"of-something-else"' });
      expect([status, body.type]).toEqual([412, 'urn:usher:problem:precondition-failed']);
      expect(headers.get('etag')).toBeNull();
      expect((await send({ 'if-match': 'no tag' })).status).toBe(412);
      if (!makesWhatWasNot.has(id)) {
        expect((await send({ 'if-none-match': '*' })).status).toBe(412);
      }
      expect(await everything()).toBe(before);
    },
  );

  test('an own account is deleted as it was read, or not at all', async () => {
    const world = await makeWorld(api.db);
    const dba = await api.inBrowser(world.accounts.dba);
    const tag = (await dba.send('GET /user')).headers.get('etag') ?? '';
    const rename = statement('update accounts set name = $2 where id = $1');
    await api.db.query(rename, [world.accounts.dba, 'Somebody Else']);
    const stale = await dba.send('DELETE /user', { headers: { 'if-match': tag } });
    expect(stale.status).toBe(412);
    const now = (await dba.send('GET /user')).headers.get('etag') ?? '';
    expect((await dba.send('DELETE /user', { headers: { 'if-match': now } })).status).toBe(204);
  });

  test('an approval is given only where there is none', async () => {
    const send = await ready('approveApplication');
    expect((await send({ 'if-none-match': '*' })).status).toBe(200);
    expect((await send({ 'if-none-match': '*' })).status).toBe(412);
    expect((await send({ 'if-match': '*' })).status).toBe(200);
  });
});

describe('sections 13.1.1 and 13.1.2, what reads', () => {
  test.each(reading.map(({ id }) => id))('%s', async (id) => {
    const send = await ready(id);
    const tag = (await send()).headers.get('etag') ?? '';
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const { status, text, headers } = await send({ 'if-none-match': known });
      expect([known, status, text, headers.get('etag')]).toEqual([known, 304, '', tag]);
      expect(headers.get('content-type')).toBeNull();
    }
    const asked = [
      { 'if-none-match': '"other"' },
      { 'if-match': `"other", ${tag}` },
      { 'if-match': '*' },
      { 'if-match': `W/${tag}` },
      { 'if-match': '"other"' },
    ];
    const statuses = [];
    for (const one of asked) statuses.push((await send(one)).status);
    expect(statuses).toEqual([200, 200, 200, 412, 412]);
  });

  test('a file has no tag', async () => {
    const send = await ready('exportAuditLog');
    expect((await send({ 'if-none-match': '"x"' })).status).toBe(412);
    expect((await send({ 'if-match': '"x"' })).status).toBe(412);
  });
});

test('section 13.2.2: If-Match is looked at before If-None-Match', async () => {
  const send = await ready('readTeam');
  const tag = (await send()).headers.get('etag') ?? '';
  expect((await send({ 'if-match': '"other"', 'if-none-match': tag })).status).toBe(412);
  expect((await send({ 'if-match': tag, 'if-none-match': tag })).status).toBe(304);
});
