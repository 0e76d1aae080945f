/**
 * `npm run bench -- --grow`: does introspection keep its rate when the tables and the grants grow?
 *
 * Each size has a database and a server of its own, so that all can be measured in turns.
 *
 * @module
 */

import { performance } from 'node:perf_hooks';
import { type AskedToken, askedTokens } from './asked-tokens.ts';
import type { Bench, Candidate } from './bench.ts';
import { withClient } from './fill.ts';
import { measure, tell, warmUp } from './measure.ts';
import type { Table } from './report.ts';
import type { Server } from './server.ts';
import { createFilled, onBranch, startUsher } from './usher.ts';
import { addWideConsents, addWideOrganization } from './wide-consents.ts';

/** Long enough to ask about most of the tokens, so that large tables are read from memory too. */
const warmUpSeconds = 12;

/** Compares the sizes with the first one, and grants of 500 entries with grants of 1. */
export async function measureGrowth(bench: Bench): Promise<Table[]> {
  const sizes: Candidate[] = [];
  for (const tokens of bench.options.sizes) sizes.push(await prepareSize(bench, tokens));
  const widths = await prepareWidths(bench);
  const all = [...sizes, ...widths];
  await warmUp(bench, all, warmUpSeconds);
  const measured = await measure(bench, all);
  return [sizes, widths].map((group) => ({
    baseline: group[0]?.name ?? '',
    measurements: measured.filter(({ name }) => group.some((one) => one.name === name)),
  }));
}

async function prepareSize(bench: Bench, tokens: number): Promise<Candidate> {
  const begin = performance.now();
  const asked = askedTokens(tokens);
  const database = await createFilled(bench, { name: `bench_${tokens}`, tokens, asked });
  const seconds = (performance.now() - begin) / 1_000;
  tell(`filled ${tokens} tokens in ${seconds.toFixed(0)} s`);
  const server = await startUsher(bench, database);
  return introspecting(server, `${tokens} tokens`, asked);
}

async function prepareWidths(bench: Bench): Promise<Candidate[]> {
  const { asked } = bench;
  const { tokens } = bench.options;
  const database = await createFilled(bench, { name: 'bench_wide', tokens, asked });
  const [narrow, wide] = await withClient(database, async (client) => {
    await addWideOrganization(client);
    const both = [await addWideConsents(client, 1, 1), await addWideConsents(client, 500, 2)];
    await client.query('vacuum analyze');
    return both;
  });
  const server = await startUsher(bench, database);
  return [
    introspecting(server, 'grant of 1 entry', narrow ?? []),
    introspecting(server, 'grant of 500 entries', wide ?? []),
  ];
}

function introspecting(server: Server, name: string, asked: readonly AskedToken[]): Candidate {
  return { name, server, nextLoad: () => onBranch({ asked }) };
}
