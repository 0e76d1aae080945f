/**
 * Two processes on one PostgreSQL sweep what is idle at the same moment: each part is announced once and ended
 * once. A lock on the table of the announcements is the barrier: both wait there, then both go on.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { worldIn } from '../support/world.ts';

const parts = 60; // one batch holds them all, so both processes reach for the same ones

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  let processes: Processes;
  let db: Database;
  let organization: string;
  let client: string;

  beforeAll(async () => {
    processes = await startProcesses(2, { loadedBefore: './test/support/quick-sweeps.ts' });
    db = processes.nodes[0].database.db;
    const world = worldIn(db);
    const [acme, app] = [
      await world.organization({ max_idle_days: 30, name: 'Swept' }),
      await world.client(),
    ];
    const shop = await world.database(acme);
    for (let made = 0; made < parts; made += 1) {
      const account = await world.account();
      await world.member(acme, account);
      await world.entry(await world.consent(account, app), shop, 'database:read_database');
    }
    [organization, client] = [acme.id, app.id];
  });
  afterAll(() => processes.close());

  const run = <Row extends object>(sql: string, ...values: unknown[]) =>
    db.query<Row>(statement(sql), values);

  /** @returns the transaction that holds both processes back, each before it looks what is to end. */
  async function bothBeforeTheEnd() {
    for (;;) {
      const barrier = await locked();
      await expect.poll(async () => (await waiting()).length, { timeout: 5000 }).toBe(2);
      if ((await waiting()).every((query) => query.startsWith('delete from'))) return barrier;
      await barrier.commit(); // one of them is further on: it comes round again
    }
  }

  /** @returns the transaction that holds both back, each before it announces. */
  async function bothBeforeTheMail() {
    const first = await bothBeforeTheEnd();
    const next = locked(); // in line behind them, and before what they do next
    await expect.poll(async () => (await waiting()).length, { timeout: 5000 }).toBe(3);
    await first.commit();
    const barrier = await next;
    await expect.poll(async () => (await waiting()).length, { timeout: 5000 }).toBe(2);
    return barrier;
  }

  async function locked() {
    const barrier = await db.begin();
    await barrier.query(statement('lock table idle_notices in access exclusive mode'), []);
    return barrier;
  }

  /** Lets so many days pass, and both processes go on at once. */
  async function release(barrier: Awaited<ReturnType<typeof locked>>, days: number): Promise<void> {
    for (const sql of passed) await barrier.query(statement(sql), [organization, days]);
    await barrier.commit();
  }

  const passed = [
    `update organizations set uses_counted_from = uses_counted_from - $2::int where id = $1`,
    `update consent_entries set consented_at = consented_at - make_interval(days => $2)
      where organization_id = $1`,
    `update idle_notices set announced_at = announced_at - make_interval(days => $2)
      where organization_id = $1`,
  ];

  /** @returns what waits for the table; a process sweeps on one connection at a time. */
  async function waiting(): Promise<string[]> {
    const rows = await run<{ query: string }>(`
      select a.query from pg_locks l join pg_stat_activity a on a.pid = l.pid
       where l.relation = 'idle_notices'::regclass and not l.granted`);
    return rows.map(({ query }) => query.trim());
  }

  /** What came of it: both have swept to the end when they are before the next one. */
  async function outcome() {
    await (await bothBeforeTheEnd()).commit();
    await (await bothBeforeTheEnd()).commit();
    const [row] = await run(
      `select
        (select count(*)::int from account_notices
          where kind = 'access-idle' and details ->> 'organization' = o.name) as mails,
        (select count(*)::int from audit_events
          where action = 'consent.idle_ended' and organization_id = o.id and subject = $2) as ended,
        (select count(*)::int from consent_entries e where e.organization_id = o.id) as kept
       from organizations o where o.id = $1`,
      organization,
      client,
    );
    return row;
  }

  test('each part is announced once, and a week later ended once', async () => {
    await release(await bothBeforeTheMail(), 25);
    expect(await outcome()).toEqual({ mails: parts, ended: 0, kept: parts });
    await release(await bothBeforeTheEnd(), 7);
    expect(await outcome()).toEqual({ mails: parts, ended: parts, kept: 0 });
  });
});
