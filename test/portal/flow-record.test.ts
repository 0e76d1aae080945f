/** The record of what happens to applications: bounded, and what is certain stays whatever strangers send. */

import { beforeAll, beforeEach, expect, test } from 'vitest';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';
import { faultOf } from '../../src/portal/flow-faults.ts';
import { createFlowRecord, type FlowEvent } from '../../src/portal/flow-record.ts';
import { summarizeFlow } from '../../src/portal/flow-summary.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { sweepExpired } from '../../src/storage/engine/expired-rows.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);
beforeAll(async () => {
  for (const id of ['one', 'two']) {
    await database.db.query(
      statement(`insert into clients (id, name, auth_method) values ($1, $1, 'none')`),
      [id],
    );
  }
});
beforeEach(async () => {
  await database.db.query(statement('delete from application_events'));
  await database.db.query(statement('delete from application_event_counts'));
});

const failing = (error: unknown) => {
  throw error;
};
const newRecord = () => createFlowRecord(database.db, failing);
const wrongUri = (detail: string, isKnown = false): FlowEvent => ({
  clientId: 'one',
  kind: 'ask_refused',
  reason: 'redirect-uri',
  detail,
  isKnown,
});
const exchanged: FlowEvent = { clientId: 'one', kind: 'exchanged', isKnown: true };

test('strangers are counted, and displace neither rows nor what a person who is signed in sent', async () => {
  const record = newRecord();
  record.note(exchanged);
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 300; at++) record.note(wrongUri(`https://noise.test/${round}/${at}`));
    await record.flush();
  }
  record.note(wrongUri('https://a.test', true));
  await record.flush();
  const { problems, flows, days } = await summarizeFlow(database.db, 'one');
  expect(flows.flat().map(({ kind }) => kind)).toEqual(['ask_refused', 'exchanged']);
  expect(problems.map(({ detail }) => detail)).toContain('https://a.test');
  expect(days.map(({ counts }) => counts.get('ask_refused'))).toEqual([901]);
  const stored = await database.db.query<{ count: number }>(
    statement('select count(*)::int as count from application_event_counts where not is_known'),
  );
  expect(stored).toEqual([{ count: 21 }]);
});

test('in memory a flood for one application leaves room for what others have proved', async () => {
  const record = newRecord();
  for (let at = 0; at < 20_000; at++) record.note(wrongUri(`https://noise.test/${at}`));
  record.note({ ...exchanged, clientId: 'two' });
  await record.flush();
  const [noisy, quiet] = await Promise.all(
    ['one', 'two'].map((id) => summarizeFlow(database.db, id)),
  );
  expect(noisy?.days[0]?.counts.get('ask_refused')).toBe(20_000);
  expect(quiet?.flows).toHaveLength(1);
});

test('of one kind the newest hundred rows stay, and every one is counted', async () => {
  const record = newRecord();
  record.note({ ...exchanged, kind: 'revoked' });
  for (let second = 0; second < 30; second++) {
    for (let at = 0; at < 10; at++) record.note(exchanged);
    await record.flush();
  }
  const rows = await database.db.query<{ kind: string; count: number }>(
    statement(
      'select kind, count(*)::int as count from application_events group by kind order by kind',
    ),
  );
  expect(rows).toEqual([
    { kind: 'exchanged', count: 100 },
    { kind: 'revoked', count: 1 },
  ]);
  const { days } = await summarizeFlow(database.db, 'one');
  expect(days[0]?.counts.get('exchanged')).toBe(300);
});

test('an application that is not there any more takes nobody else’s events along', async () => {
  const record = newRecord();
  record.note({ ...exchanged, clientId: 'gone' });
  record.note(exchanged);
  await record.flush();
  expect((await summarizeFlow(database.db, 'one')).flows).toHaveLength(1);
});

test('what cannot be written waits until it can', async () => {
  let isAway = true;
  const heard: unknown[] = [];
  const { db } = database;
  const run: typeof db.run = (work) =>
    isAway ? Promise.reject(new DatabaseUnavailableError()) : db.run(work);
  const record = createFlowRecord({ ...db, run }, (error) => heard.push(error));
  record.note(exchanged);
  await record.flush();
  expect(heard).toHaveLength(1);
  isAway = false;
  record.note(exchanged);
  await record.flush();
  const { days, flows } = await summarizeFlow(db, 'one');
  expect([days[0]?.counts.get('exchanged'), flows.length]).toEqual([2, 2]);
});

test('the steps of one authorization stand together, in order; others by themselves', async () => {
  const record = newRecord();
  const step = (kind: FlowEvent['kind'], flow?: string): FlowEvent => ({
    clientId: 'one',
    kind,
    flow,
    isKnown: true,
  });
  record.note(step('signed_in', 'a'));
  record.note(step('signed_in', 'b'));
  record.note(step('refreshed'));
  await record.flush();
  record.note(step('code_issued', 'b'));
  record.note(step('code_issued', 'a'));
  record.note(step('exchanged', 'a'));
  record.note(step('refreshed'));
  await record.flush();
  const { flows } = await summarizeFlow(database.db, 'one');
  expect(flows.map((steps) => steps.map(({ kind }) => kind))).toEqual([
    ['refreshed'],
    ['signed_in', 'code_issued', 'exchanged'],
    ['signed_in', 'code_issued'],
    ['refreshed'],
  ]);
});

test('wrong secrets under a client’s name are counted; of a flood of others nothing is kept', async () => {
  const record = newRecord();
  for (let at = 0; at < 3; at++) record.noteWrongSecret('one');
  for (let at = 0; at < 5_000; at++) record.noteWrongSecret(`nobody-${at}`);
  record.noteWrongSecret('x'.repeat(100_000));
  record.note(exchanged);
  await record.flush();
  const { problems, flows } = await summarizeFlow(database.db, 'one');
  expect(problems).toMatchObject([{ kind: 'client_refused', reason: 'client-secret', count: 3 }]);
  expect(flows).toHaveLength(1);
  const stored = await database.db.query<{ count: number }>(
    statement('select count(*)::int as count from application_event_counts'),
  );
  expect(stored).toEqual([{ count: 2 }]);
});

test('two processes that write at once count together', async () => {
  const records = [newRecord(), newRecord(), newRecord()];
  for (const record of records) {
    for (let at = 0; at < 5; at++) record.note(wrongUri(`https://a.test/${at}`));
  }
  await Promise.all(records.map((record) => record.flush()));
  const { problems } = await summarizeFlow(database.db, 'one');
  expect(problems.map(({ count }) => count)).toEqual([3, 3, 3, 3, 3]);
});

test('after thirty days all is gone', async () => {
  const record = newRecord();
  record.note(exchanged);
  await record.flush();
  await database.db.query(statement(`update application_events set at = at - interval '31 days'`));
  await database.db.query(statement(`update application_event_counts set day = day - 31`));
  await sweepExpired(database.db);
  for (const table of ['application_events', 'application_event_counts']) {
    expect(await database.db.query(statement(`select 1 from ${table}`))).toEqual([]);
  }
});

test('neither a secret nor a control character is written', async () => {
  const record = newRecord();
  record.note(wrongUri(`https://a.test/usher_at_abc\u0000\u202e${'x'.repeat(1_000)}`, true));
  await record.flush();
  const [problem] = (await summarizeFlow(database.db, 'one')).problems;
  expect(problem?.detail).toMatch(/^https:\/\/a\.test\/\(secret\)\?\?x+$/);
  expect(problem?.detail.length).toBe(300);
});

test.each([
  ['invalid_grant', 'authorization code not found', 'code-unknown'],
  ['invalid_grant', 'refresh token already used', 'refresh-token'],
  ['invalid_grant', '', 'grant-ended'],
  ['invalid_client', 'invalid secret provided', 'client-secret'],
  ['invalid_request', 'missing required parameter(s)', 'request'],
  ['something_new', 'of a newer version', 'other'],
])('%s, %s is explained as %s', (error, detail, fault) => {
  expect(faultOf({ error, detail })).toBe(fault);
});
