/** What decides, lists and changes has connections of its own, each planned as fits it. */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { selectAuditEvents } from '../../src/storage/audit/audit-log.ts';
import {
  type Database,
  decidingStatement,
  openDatabase,
  statement,
} from '../../src/storage/engine/database.ts';
import { listMembers } from '../../src/storage/people/members.ts';
import { onlyOnPostgres, openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const setting = `select current_setting('enable_seqscan') as seqscan,
  current_setting('plan_cache_mode') as mode`;
const lookups = [{ seqscan: 'off', mode: 'force_generic_plan' }];
const usual = [{ seqscan: 'on', mode: 'auto' }];

describe(...onlyOnPostgres('lanes', 'the embedded database is one session'), () => {
  const database = forAllTests(openTestDatabase);

  async function open(poolSize: number, work: (db: Database) => Promise<void>) {
    const db = openDatabase({ ...database.address, poolSize });
    await work(db).finally(() => db.close());
  }

  test('what decides and what changes is planned by index; lists and pages as usual', async () => {
    await open(4, async (db) => {
      expect(await db.query(decidingStatement(setting))).toEqual(lookups);
      expect(await db.query(statement(setting))).toEqual(usual);
      expect(await db.run((tx) => tx.query(statement(setting)))).toEqual(lookups);
      expect(await db.readTransaction((tx) => tx.query(statement(setting)))).toEqual(usual);
    });
  });

  test('there are never more connections than the pool is large', async () => {
    await open(3, async (db) => {
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => {
          if (n % 3 === 0) return db.query(decidingStatement('select 1'));
          return n % 3 === 1 ? db.query(statement('select 2')) : db.run(async () => {});
        }),
      );
      const { deciding, reading, writing } = db.load();
      expect(deciding.total + reading.total + writing.total).toBe(3);
    });
  });

  test('no combination of filters stays prepared on a connection', async () => {
    await open(2, async (db) => {
      const part = { after: undefined, limit: 10 };
      const [organizationId, actorAccountId] = [newId(), newId()];
      const [since, until] = [new Date(0), new Date()];
      for (const filters of [{}, { actorAccountId }, { since, until }, { action: 'a', until }]) {
        expect(await selectAuditEvents(db, { organizationId, limit: 10, ...filters })).toEqual([]);
      }
      for (const filters of [
        {},
        { email: 'a@b.test' },
        { suspended: true },
        { suspended: false },
      ]) {
        expect(await listMembers(db, organizationId, filters, part)).toEqual([]);
      }
      const kept = await db.query(
        statement('select from pg_prepared_statements where statement like any ($1)'),
        [['%audit_events%', '%m.joined_at%']],
      );
      expect(kept).toEqual([]);
    });
  });
});
