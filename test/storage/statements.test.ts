/** Which statements go to which connections: what can write or lock, what decides, and the rest. */

import { expect, test } from 'vitest';
import {
  composedStatement,
  decidingStatement,
  statement,
} from '../../src/storage/engine/database.ts';

test.each([
  ['select id from clients where id = $1', true],
  ['\n  with askers as materialized (select 1) select updated_at, deleted from askers', true],
  ['select id from clients where id = $1 for no key update of c', false],
  ['select 1 from accounts for share', false],
  ['select 1 from accounts for key share', false],
  ['select id from clients for update skip locked', false],
  ['with hit as (select 1), noted as (update t set a = 1) select 1 from hit', false],
  ['with dead as (select 1) delete from tokens', false],
  ['select usher_sweep_audit_events($1, $2)', false],
  ['select pg_advisory_xact_lock(1)', false],
  ['insert into keys values ($1) returning generation', false],
  ['DELETE from keys', false],
])('%s', (text, isRead) => {
  expect(statement(text).on).toBe(isRead ? 'reading' : 'writing');
});

test('SQL that is put together for a call has no name to be kept under', () => {
  expect(composedStatement('select 1')).toEqual({
    name: undefined,
    text: 'select 1',
    on: 'reading',
  });
  expect(statement('select 1').name).toBe(decidingStatement('select 1').name);
});
