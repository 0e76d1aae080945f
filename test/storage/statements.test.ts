/** Which statements go to the connections for reading: those that can neither write nor lock. */

import { expect, test } from 'vitest';
import { statement } from '../../src/storage/database.ts';

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
  expect(statement(text).isRead).toBe(isRead);
});
