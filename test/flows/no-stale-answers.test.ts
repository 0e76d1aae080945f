/**
 * Two processes on one PostgreSQL: an answer to a question that begins after a change was
 * acknowledged shows the change, at both. The long form is `npm run soak`.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changingFacts } from '../support/changing-facts.ts';
import { onPostgres } from '../support/database.ts';
import type { Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { type Fact, watch } from '../support/staleness.ts';
import { pairOfFacts, torn, untorn } from '../support/torn-facts.ts';
import { startCache } from '../support/with-a-cache.ts';

const length = { turns: 2, pairs: 24 };

describe.skipIf(!onPostgres)(
  'answers of two processes (skipped: one embedded database has one process)',
  () => {
    let processes: Processes;
    let one: Node;
    let two: Node;
    let facts: Fact[];

    beforeAll(async () => {
      processes = await startProcesses(2);
      [one, two = one] = processes.nodes;
      facts = await changingFacts(one);
    });
    afterAll(() => processes?.close());

    test('are never stale, whatever changes', async () => {
      for (const fact of facts) {
        const { pairs, stale, first } = await watch(processes.nodes, fact, length);
        expect({ fact: fact.name, pairs, stale, first }).toEqual({
          fact: fact.name,
          pairs: length.turns * length.pairs,
          stale: 0,
          first: undefined,
        });
      }
    });

    test('are found stale, whatever changes, with a cache of one second in front of one', async () => {
      const cache = await startCache(two);
      for (const fact of facts) {
        const { stale } = await watch([one, cache.node], fact, length);
        expect(stale, fact.name).toBeGreaterThan(0);
      }
      await cache.close();
    });

    test('never mix two states that both deny into one that allows', async () => {
      const pair = await pairOfFacts(one);
      const seen = new Set<string>();
      let isFlipping = true;
      const reading = processes.nodes.map(async (node) => {
        while (isFlipping) for (const scope of await pair.ask(node)) seen.add(scope);
      });
      for (let turn = 0; turn < 200; turn++) await pair.flip();
      isFlipping = false;
      await Promise.all(reading);
      expect([...seen].sort()).toEqual(untorn);
    });

    test('show the mixture where it is real: the same facts changed one after the other', async () => {
      const pair = await pairOfFacts(one);
      await pair.flip();
      const seen: string[] = [];
      await pair.tear(async () => void seen.push(...(await pair.ask(two))));
      expect(seen).toEqual([torn, torn]);
    });
  },
);
