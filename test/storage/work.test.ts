/** A unit of work under conditions: what is asked and seen to is part of its transaction. */

import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Db, statement } from '../../src/storage/engine/database.ts';
import { guardedWork, workUnder } from '../../src/storage/engine/work.ts';
import { openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const db = forAllTests(openDb);
beforeAll(() =>
  db.query(statement('create table steps (id serial primary key, name text not null)')),
);
beforeEach(() => db.query(statement('delete from steps')));

const insert = statement('insert into steps (name) values ($1)');
const names = statement('select name from steps order by id');

async function step(tx: Db, name: string): Promise<string> {
  await tx.query(insert, [name]);
  return name;
}

async function steps(on: Db = db): Promise<string[]> {
  return (await on.query<{ name: string }>(names)).map(({ name }) => name);
}

test('before, body and after are one transaction, in this order', async () => {
  let seenByAfter: unknown;
  const work = workUnder(db, {
    before: (tx) => step(tx, 'before'),
    after: async (tx, result, seen) => {
      seenByAfter = { result, seen, inside: await steps(tx) };
    },
  });
  expect(await work.run((tx) => step(tx, 'body'))).toBe('body');
  expect(seenByAfter).toEqual({ result: 'body', seen: 'before', inside: ['before', 'body'] });
  expect(await steps()).toEqual(['before', 'body']);
});

test('what throws after the body undoes it', async () => {
  const work = workUnder(db, {
    before: async () => {},
    after: async () => {
      throw new Error('cannot be shown');
    },
  });
  await expect(work.run((tx) => step(tx, 'body'))).rejects.toThrow('cannot be shown');
  expect(await steps()).toEqual([]);
});

test('a guard that throws lets no body begin, however often it is tried', async () => {
  const work = guardedWork(db, async () => {
    throw new Error('ended');
  });
  for (const name of ['once', 'twice']) {
    await expect(work.run((tx) => step(tx, name))).rejects.toThrow('ended');
  }
  expect(await steps()).toEqual([]);
});

test('conditions add up: the outer one is asked first; the plain work is under none', async () => {
  const outer = workUnder(db, { before: (tx) => step(tx, 'outer') });
  const inner = workUnder(outer, { before: (tx) => step(tx, 'inner') });
  await inner.run((tx) => step(tx, 'body'));
  await inner.plain.run((tx) => step(tx, 'plain'));
  expect(await steps()).toEqual(['outer', 'inner', 'body', 'plain']);
});
