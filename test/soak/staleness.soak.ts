/**
 * test/flows/no-stale-answers.test.ts for long: `DATABASE_URL=... npm run soak`, with SOAK_PAIRS
 * pairs of an acknowledged change and a question that began after it (100,000 unless told), then
 * as many questions while two facts change together. The figures are printed.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { changingFacts } from '../support/changing-facts.ts';
import type { Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { watch } from '../support/staleness.ts';
import { pairOfFacts, untorn } from '../support/torn-facts.ts';

const pairsInAll = Number(process.env['SOAK_PAIRS'] ?? 100_000);
/** Even, see changing-facts.ts; few enough for what may be registered from one address in an hour. */
const turns = 20;
let processes: Processes;
let one: Node;

beforeAll(async () => {
  processes = await startProcesses(2);
  [one] = processes.nodes;
});
afterAll(() => processes?.close());

test(`${pairsInAll} pairs over two processes: no stale answer; with a cache: many`, async () => {
  const facts = await changingFacts(one);
  const pairs = Math.ceil(pairsInAll / facts.length / turns);
  const sum = { pairs: 0, stale: 0 };
  for (const fact of facts) {
    const seen = await watch(processes.nodes, fact, { turns, pairs });
    sum.pairs += seen.pairs;
    sum.stale += seen.stale;
    const late = seen.oldUntilMilliseconds.toFixed(1);
    console.log(
      `${fact.name}: ${turns} changes, ${seen.pairs} pairs, ${seen.stale} stale; questions from before were told the old until ${late} ms after`,
    );
    expect(seen.first).toBeUndefined();
  }
  console.log(`${sum.pairs} pairs, ${sum.stale} stale`);
  expect(sum.stale).toBe(0);

  const cached = await startProcesses(2, { loadedBefore: './test/support/cached-build.ts' });
  for (const fact of await changingFacts(cached.nodes[0])) {
    const seen = await watch(cached.nodes, fact, { turns: 2, pairs });
    console.log(`with a cache: ${fact.name}: ${seen.pairs} pairs, ${seen.stale} stale`);
    expect(seen.stale).toBeGreaterThan(0);
  }
  await cached.close();
});

test(`${pairsInAll} questions while two facts flip together: never a mixture`, async () => {
  const pair = await pairOfFacts(one);
  const seen = new Set<string>();
  let questions = 0;
  let flips = 0;
  const isLong = () => questions < pairsInAll;
  const flipping = (async () => {
    for (; isLong(); flips++) await pair.flip();
  })();
  const read = async (node: Node) => {
    while (isLong()) {
      const answers = await pair.ask(node);
      questions += answers.length;
      for (const scope of answers) seen.add(scope);
    }
  };
  await Promise.all([...processes.nodes, ...processes.nodes, ...processes.nodes].map(read));
  await flipping;
  console.log(`${questions} questions, ${flips} flips, answers seen: ${JSON.stringify([...seen])}`);
  expect([...seen].sort()).toEqual(untorn);
});
