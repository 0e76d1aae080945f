/** Members ask for approvals: kept with a reason, within limits, and answered. */

import { beforeEach, expect, test } from 'vitest';
import { composeNotice } from '../../src/accounts/notices.ts';
import {
  approveApplication,
  withdrawApproval,
} from '../../src/organizations/application-approvals.ts';
import {
  declineApproval,
  mostRequestsADay,
  requestApproval,
} from '../../src/organizations/approval-requests.ts';
import { removeMember } from '../../src/organizations/members.ts';
import { listApprovalRequests } from '../../src/storage/clients/approval-requests.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { sweepExpired } from '../../src/storage/engine/expired-rows.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { texts } from '../support/texts.ts';
import { inSession, makeApplication, makeWorld } from './world.ts';

const noCeilings = { scopes: undefined, production: true, maxGrantSeconds: undefined };

const database = forAllTests(openTestDatabase);
const world = forEachTest(() => makeWorld(database.db));
const admin = forEachTest(() => inSession(world.accounts.admin));
const member = forEachTest(() => inSession(world.accounts.member));
let clientId: string;

beforeEach(async () => {
  clientId = await makeApplication(database.db);
});

const at = () => ({ organizationId: world.ids.organizationId, clientId });
const ask = (reason: string, who = member) => requestApproval(database.db, who, at(), reason);

async function waiting(limit = 100, after?: readonly string[]) {
  const { organizationId } = world.ids;
  const rows = await listApprovalRequests(database.db, organizationId, { after, limit });
  return rows.map(({ item, position }) => ({ ...item, position }));
}

/** As if everything had been done that much earlier. */
const past = (column: string, hours: number) =>
  database.db.query(
    statement(`update approval_requests set ${column} = ${column} - make_interval(hours => $1)
                where organization_id = $2`),
    [hours, world.ids.organizationId],
  );

test('a request is kept with its reason; asked again it says the new one', async () => {
  await ask('  For the reports.  ');
  expect(await waiting()).toMatchObject([{ clientId, reason: 'For the reports.' }]);
  await ask('For the reports of May.');
  await ask('I need it too.', inSession(world.accounts.reader));
  const all = await waiting();
  expect(all.map(({ reason }) => reason).toSorted()).toEqual([
    'For the reports of May.',
    'I need it too.',
  ]);
  const [first] = await waiting(1);
  const rest = await waiting(1, first?.position);
  expect([first, ...rest]).toEqual(all);
});

test.each([
  ['nothing', ' '],
  ['too much', 'a'.repeat(501)],
  ['what is hidden', 'a\u0000b'],
])('a reason is no %s', async (_what, reason) => {
  await expect(ask(reason)).rejects.toMatchObject({ refusal: { code: 'invalid' } });
  expect(await waiting()).toEqual([]);
});

test('an approval answers it', async () => {
  await ask('For the reports.');
  await approveApplication(database.db, admin, at(), noCeilings);
  expect(await waiting()).toEqual([]);
  await withdrawApproval(database.db, admin, at());
  expect(await waiting()).toEqual([]);
  await ask('And now?');
  expect(await waiting()).toHaveLength(1);
});

test('administrators hear of a request once, and the member of each answer', async () => {
  const told = async () => {
    const text = `select n.kind, n.account_id as who from mail_outbox o
      join account_notices n on n.id = o.subject_id and n.kind = o.kind
     where n.account_id = any($1::uuid[]) order by n.created_at, n.kind`;
    const values = [Object.values(world.accounts)];
    return database.db.query<{ kind: string; who: string }>(statement(text), values);
  };
  const { admin: asked, member: asker } = world.accounts;
  await ask('For the reports.');
  await ask('For the reports of May.');
  await declineApproval(database.db, admin, at());
  await past('declined_at', 24);
  await ask('Please.');
  await approveApplication(database.db, admin, at(), noCeilings);
  await approveApplication(database.db, admin, at(), noCeilings);
  expect(await told()).toEqual([
    { kind: 'approval-requested', who: asked },
    { kind: 'approval-declined', who: asker },
    { kind: 'approval-requested', who: asked },
    { kind: 'approval-given', who: asker },
  ]);
});

test('the mails name who asks, the application and the organization, not the reason', async () => {
  const ids = statement('select id, kind from account_notices where account_id = any($1::uuid[])');
  await ask('See https://evil.test');
  await approveApplication(database.db, admin, at(), noCeilings);
  await ask('See https://evil.test');
  await declineApproval(database.db, admin, at());
  const values = [Object.values(world.accounts)];
  const rows = await database.db.query<{ id: string; kind: string }>(ids, values);
  const parts = { issuer: 'https://usher.test', messages: texts };
  for (const [kind, words] of [
    ['approval-requested', 'would like to use the app Application in'],
    ['approval-given', 'has approved the app Application'],
    ['approval-declined', 'has declined your request to approve the app Application'],
  ]) {
    const id = rows.find((row) => row.kind === kind)?.id ?? '';
    const mail = await composeNotice(database.db, id, parts);
    expect(mail?.text).toContain(words);
    expect(mail?.text).not.toContain('evil');
  }
});

test('a declined request is swept once it keeps nothing from being asked', async () => {
  const left = statement('select from approval_requests where organization_id = $1');
  const { organizationId } = world.ids;
  await ask('For the reports.');
  await declineApproval(database.db, admin, at());
  await sweepExpired(database.db);
  expect(await database.db.query(left, [organizationId])).toHaveLength(1);
  await past('declined_at', 25);
  await ask('Of somebody else.', inSession(world.accounts.reader));
  await past('requested_at', 1000);
  await sweepExpired(database.db);
  expect(await waiting()).toHaveLength(1);
  expect(await database.db.query(left, [organizationId])).toHaveLength(1);
});

test('what was declined is not asked again for a day', async () => {
  await ask('For the reports.');
  await declineApproval(database.db, admin, at());
  expect(await waiting()).toEqual([]);
  await expect(declineApproval(database.db, admin, at())).rejects.toMatchObject({
    refusal: { code: 'not_found' },
  });
  await expect(ask('Please.')).rejects.toMatchObject({
    refusal: { code: 'throttled', retryAfterSeconds: expect.any(Number) },
  });
  await past('declined_at', 24);
  await ask('Please.');
  expect(await waiting()).toMatchObject([{ reason: 'Please.' }]);
});

test('a member asks about so many applications a day', async () => {
  for (let n = 0; n < mostRequestsADay; n += 1) {
    clientId = await makeApplication(database.db);
    await ask('For the reports.');
  }
  await ask('Another reason for the same.');
  const last = clientId;
  clientId = await makeApplication(database.db);
  await expect(ask('One more.')).rejects.toMatchObject({ refusal: { code: 'throttled' } });
  await ask('Of somebody else.', inSession(world.accounts.reader));
  await past('requested_at', 24);
  await ask('One more.');
  expect(await waiting()).toHaveLength(mostRequestsADay + 2);
  expect((await waiting()).map((one) => one.clientId)).toContain(last);
});

test('a request ends with the membership', async () => {
  await ask('For the reports.');
  const { organizationId } = world.ids;
  const place = { organizationId, accountId: world.accounts.member };
  await removeMember(database.db, admin, place);
  expect(await waiting()).toEqual([]);
  await expect(ask('Again.')).rejects.toMatchObject({ refusal: { code: 'not_found' } });
});
