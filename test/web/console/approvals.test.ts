/** Approving what members ask for, all or part, by an administrator at a browser without JavaScript. */

import { expect, test } from 'vitest';
import { formatScope, parseScopeSet } from '../../../src/catalogue/scope-set.ts';
import { requestApproval } from '../../../src/organizations/approval-requests.ts';
import { findApproval } from '../../../src/storage/clients/approvals.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { inSession, makeApplication } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { type Fields, fill } from '../../support/user-agent.ts';
import { openAcme } from './console-people.ts';

const scope = 'database:read_branches database:write_branches';

const server = forAllTests(startTestServer);
const acme = forAllTests(() => openAcme(server));

const run = <Row extends object>(sql: string, ...values: unknown[]) =>
  server.database.db.query<Row>(statement(sql), values);

/** An application that a member asks for. */
async function asked(reason = 'For the monthly reports.'): Promise<string> {
  const { db } = server.database;
  const id = await makeApplication(db);
  await run(`update clients set name = 'Reports', scope = $1 where id = $2`, scope, id);
  const member = inSession(acme.accounts.get('member@acme.test') ?? '');
  await requestApproval(db, member, { organizationId: acme.organizationId, clientId: id }, reason);
  return id;
}

const page = (path: string) => acme.agent.get(`/organizations/acme/applications${path}`);

async function approvalOf(clientId: string) {
  const found = await findApproval(server.database.db, {
    organizationId: acme.organizationId,
    clientId,
  });
  return found && { ...found, scopes: formatScope(found.scopes ?? parseScopeSet('')) };
}

const without =
  (name: string, value: string) =>
  (fields: Fields): Fields =>
    fields.filter((field) => field[0] !== name || field[1] !== value);

test('the queue shows who asks and why, and leads to the answer', async () => {
  const id = await asked('For <b>the</b> reports.');
  expect((await page('')).html).toContain('Members ask you to approve 1 app');
  const queue = await page('/requests');
  expect(queue.html).toContain('For &lt;b&gt;the&lt;/b&gt; reports.');
  expect(queue.html).toContain(`/applications/${id}#approve`);
  const one = await page(`/${id}`);
  const done = await acme.agent.submit(one, (fields) => fields, '/approve');
  expect(done.html).toContain('Reports is approved.');
  expect(await approvalOf(id)).toMatchObject({ scopes: scope, production: false });
  expect((await page('/requests')).html).toContain('Nobody asks for anything');
});

test('part is approved: fewer permissions, with production, for a time; and withdrawn', async () => {
  const id = await asked();
  const one = await page(`/${id}`);
  const part = (fields: Fields) => [
    ...fill(without('scope', 'database:write_branches')(fields), 'days', '30'),
    ['production', 'yes'] as [string, string],
  ];
  await acme.agent.submit(one, part, '/approve');
  expect(await approvalOf(id)).toMatchObject({
    scopes: 'database:read_branches',
    production: true,
    maxGrantSeconds: 30 * 86_400,
  });
  const again = await page(`/${id}`);
  expect(again.html).toContain('Change what is approved');
  const done = await acme.agent.submit(again, (fields) => fields, '/withdraw');
  expect(done.html).toContain('The approval of Reports is withdrawn.');
  expect(await approvalOf(id)).toBeUndefined();
});

test('what is registered more meanwhile is not approved unseen', async () => {
  const id = await asked();
  const one = await page(`/${id}`);
  await run('update clients set scope = $1 where id = $2', `${scope} database:delete_database`, id);
  const answer = await acme.agent.submit(one, (fields) => fields, '/approve');
  expect([answer.status, await approvalOf(id)]).toEqual([409, undefined]);
  expect(answer.html).toContain('has changed while you had this open');
  await acme.agent.submit(answer, without('scope', 'database:delete_database'), '/approve');
  expect(await approvalOf(id)).toMatchObject({ scopes: scope });
});

test('nothing ticked approves nothing, nor does what is not registered', async () => {
  const id = await asked();
  const one = await page(`/${id}`);
  for (const scopes of [[], ['database:delete_database']]) {
    const change = (fields: Fields): Fields => [
      ...fields.filter(([name]) => name !== 'scope'),
      ...scopes.map((name): [string, string] => ['scope', name]),
    ];
    const answer = await acme.agent.submit(one, change, '/approve');
    expect([answer.status, await approvalOf(id)]).toEqual([422, undefined]);
    expect(answer.html).toContain('Tick at least one permission.');
  }
});

test('declined with a reason, which the member reads on the consent page', async () => {
  const id = await asked();
  const one = await page(`/${id}`);
  const tooLong = await acme.agent.submit(
    one,
    (fields) => fill(fields, 'reason', 'a'.repeat(501)),
    '/decline',
  );
  expect([tooLong.status, tooLong.html.includes('Write a reason of up to 500')]).toEqual([
    422,
    true,
  ]);
  const done = await acme.agent.submit(
    one,
    (fields) => fill(fields, 'reason', 'Use Tables.'),
    '/decline',
  );
  expect(done.html).toContain('Declined. Those who asked for Reports get a mail.');
  const [row] = await run('select declined_reason from approval_requests where client_id = $1', id);
  expect(row).toEqual({ declined_reason: 'Use Tables.' });
});
