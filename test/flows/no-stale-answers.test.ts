/**
 * Two processes on one PostgreSQL: an answer to a question that begins after a change was
 * acknowledged shows the change, at both. The long form is `npm run soak`.
 */

import { describe, expect, test } from 'vitest';
import { changingFacts } from '../support/changing-facts.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startProcesses } from '../support/processes.ts';
import { watch } from '../support/staleness.ts';
import { pairOfFacts, torn, untorn } from '../support/torn-facts.ts';

const length = { turns: 2, pairs: 56 };

describe(
  ...onlyOnPostgres('answers of two processes', 'one embedded database has one process'),
  () => {
    const processes = forAllTests(() => startProcesses(2));
    const one = forAllTests(() => processes.nodes[0]);
    const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);

    test('are never stale, whatever changes', async () => {
      for (const fact of await changingFacts(one)) {
        const { pairs, stale, first } = await watch(processes.nodes, fact, length);
        expect({ fact: fact.name, pairs, stale, first }).toEqual({
          fact: fact.name,
          pairs: length.turns * length.pairs,
          stale: 0,
          first: undefined,
        });
      }
    });

    test('are found stale, whatever changes, in a build with a cache of one second', async () => {
      const cached = await startProcesses(2, { loadedBefore: './test/support/cached-build.ts' });
      for (const fact of await changingFacts(cached.nodes[0])) {
        const { stale, first } = await watch(cached.nodes, fact, length);
        expect(stale, fact.name).toBeGreaterThan(0);
        expect(first, fact.name).toContain('(fast path)');
      }
      await cached.close();
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
