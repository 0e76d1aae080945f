/**
 * How the service is, as an operator reads it: one line for each thing that can be wrong, with what to do then.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import type { Database } from '../../storage/engine/database.ts';
import { listKeys } from '../../storage/engine/keys.ts';
import { compareWithRun } from '../../storage/engine/schema.ts';
import type { OutboxCount } from '../../storage/people/mail-outbox.ts';

/** One thing: how it is, and what to do where it is not well. */
export interface HealthLine {
  readonly name: string;
  readonly isGood: boolean;
  readonly text: string;
  readonly next: string | undefined;
}

/** Mail goes out within seconds; what waits longer than this was tried, or nobody sends. */
const patienceSeconds = 15 * 60;

/** After a year keys are renewed, as SECURITY.md describes. */
const keyDays = 365;

/** @param mail undefined where it could not be counted. */
export async function readHealth(
  db: Database,
  mail: OutboxCount | undefined,
  t: Messages,
): Promise<HealthLine[]> {
  return [
    await databaseLine(db, t),
    await migrationsLine(db, t),
    mailLine(mail, t),
    await keysLine(db, t),
  ];
}

async function databaseLine(db: Database, t: Messages): Promise<HealthLine> {
  const isGood = !(await db.isReadOnly());
  return {
    name: t.text('health.database'),
    isGood,
    text: t.text(isGood ? 'health.database-good' : 'health.database-read-only'),
    next: isGood ? undefined : t.text('health.database-next'),
  };
}

async function migrationsLine(db: Database, t: Messages): Promise<HealthLine> {
  const { pending, newer, tooNew } = await compareWithRun(db);
  const ahead = newer.length + tooNew.length;
  const name = t.text('health.migrations');
  if (pending.length > 0) {
    const text = t.text('health.migrations-pending', { count: pending.length });
    return { name, isGood: false, text, next: t.text('health.migrations-pending-next') };
  }
  if (ahead > 0) {
    const text = t.text('health.migrations-newer', { count: ahead });
    return { name, isGood: false, text, next: t.text('health.migrations-newer-next') };
  }
  return { name, isGood: true, text: t.text('health.migrations-good'), next: undefined };
}

function mailLine(mail: OutboxCount | undefined, t: Messages): HealthLine {
  const { waiting = 0, failed = 0, oldestSeconds = 0 } = mail ?? {};
  const isLate = oldestSeconds > patienceSeconds;
  const minutes = Math.round(oldestSeconds / 60);
  return {
    name: t.text('health.mail'),
    isGood: !isLate && failed === 0,
    text: isLate
      ? t.text('health.mail-late', { waiting, minutes })
      : t.text('health.mail-waiting', { waiting, failed }),
    next: isLate || failed > 0 ? t.text('health.mail-next') : undefined,
  };
}

async function keysLine(db: Database, t: Messages): Promise<HealthLine> {
  const signing = (await listKeys(db)).filter(({ purpose }) => purpose === 'signing');
  const youngest = Math.min(...signing.map(({ ageSeconds }) => ageSeconds));
  const days = Math.floor(youngest / (24 * 60 * 60));
  const isGood = days < keyDays;
  return {
    name: t.text('health.keys'),
    isGood,
    text: t.text('health.keys-age', { days }),
    next: isGood ? undefined : t.text('health.keys-next'),
  };
}
