/** What was used once is known for as long as it could be used again, and the memory has an end. */

import { expect, test } from 'vitest';
import { createReplayMemory } from '../../src/resource-server/replay-memory.ts';

test.each([0, 1, 69, 70])('a key is known %i seconds later', (later) => {
  for (const start of [1_000, 1_001, 1_050, 1_069]) {
    const memory = createReplayMemory(70, 10);
    memory.remember('first', 1_000);
    expect(memory.remember('key', start)).toBe('new');
    expect(memory.remember('key', start + later)).toBe('seen');
  }
});

test('two spans later it is forgotten', () => {
  const memory = createReplayMemory(70, 10);
  memory.remember('key', 1_000);
  expect(memory.remember('key', 1_140)).toBe('new');
});

test('a full memory takes nothing more, and still knows what it has', () => {
  const memory = createReplayMemory(70, 2);
  memory.remember('a', 1_000);
  memory.remember('b', 1_000);
  expect(memory.remember('c', 1_001)).toBe('full');
  expect(memory.remember('a', 1_001)).toBe('seen');
  expect(memory.remember('c', 1_070)).toBe('new');
  expect(memory.remember('a', 1_070)).toBe('seen');
});
