/** Nobody's flood makes the others wait behind it, or keeps them out. */

import { expect, test } from 'vitest';
import { TooBusyError } from '../../src/lib/errors.ts';
import { createFairTurns } from '../../src/lib/fair-turns.ts';

const room = { running: 1, waiting: 6, waitingPerAccount: 4 };

/** Turns whose work ends when the test says so; `order` tells who was served. */
function queue() {
  const { inTurn } = createFairTurns(room);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const results: Promise<'done' | 'too busy'>[] = [];
  const ask = (network: string, account: string) => {
    const result = inTurn({ network, account }, async () => {
      order.push(account);
      await new Promise<void>((end) => ends.push(end));
    });
    results.push(
      result.then(
        () => 'done' as const,
        (error) => {
          if (!(error instanceof TooBusyError)) throw error;
          return 'too busy' as const;
        },
      ),
    );
  };
  const finish = async () => {
    for (let rounds = 0; rounds < 30; rounds++) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    return Promise.all(results);
  };
  return { ask, order, finish };
}

test('who comes from elsewhere is next after the one that runs', async () => {
  const { ask, order, finish } = queue();
  for (let n = 0; n < 4; n++) ask('flood', 'victim');
  ask('home', 'owner');
  await finish();
  expect(order.slice(0, 2)).toEqual(['victim', 'owner']);
});

test('one network takes turns among its accounts', async () => {
  const { ask, order, finish } = queue();
  for (const account of ['a', 'a', 'a', 'b']) ask('office', account);
  await finish();
  expect(order).toEqual(['a', 'b', 'a', 'a']);
});

test('one account has a part of the queue only, from however many networks', async () => {
  const { ask, finish } = queue();
  for (let n = 0; n < 6; n++) ask(`network ${n}`, 'victim');
  ask('home', 'owner');
  expect(await finish()).toEqual(['done', 'done', 'done', 'done', 'done', 'too busy', 'done']);
});

test('a full queue lets in who comes from a network with fewer, and turns the newest away', async () => {
  const { ask, order, finish } = queue();
  for (let n = 0; n < 7; n++) ask('flood', `account ${n}`);
  ask('flood', 'one more');
  ask('home', 'owner');
  const results = await finish();
  expect(results).toEqual([...Array(6).fill('done'), 'too busy', 'too busy', 'done']);
  expect(order).toContain('owner');
});
