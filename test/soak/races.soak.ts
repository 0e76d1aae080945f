/**
 * The races of test/flows/two-processes.test.ts, for long: `DATABASE_URL=... npm run soak`, with
 * SOAK_ROUNDS rounds (1,000 unless told). The figures are printed.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { consentTo, demoApp, type Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { accessTokens, forkedGrants, raceForCode, raceForRefresh } from '../support/races.ts';
import { createUserAgent } from '../support/user-agent.ts';

const rounds = Number(process.env['SOAK_ROUNDS'] ?? 1000);
const dba = 'dba@acme.test';
const scope = 'database:write_branches';
let processes: Processes;
let one: Node;

beforeAll(async () => {
  processes = await startProcesses(2);
  one = processes.nodes[0];
  await consentTo(one, demoApp, dba, scope, ['acme/shop']);
});
afterAll(() => processes.close());

test(`${rounds} rounds of 8 over two processes: one winner each, whose tokens live`, async () => {
  const agent = createUserAgent(one.issuer);
  const begun = performance.now();
  for (let round = 1; round <= rounds; round++) {
    const tokens = await raceForCode(processes.nodes, agent, dba, scope);
    await raceForRefresh(processes.nodes, tokens.refresh_token);
    if (round % 100 === 0) console.log(`${round} rounds, ${seconds(begun)} s`);
  }
  expect(await forkedGrants(one)).toEqual([]);
  expect(await accessTokens(one)).toBe(2 * rounds);
  console.log(
    `${rounds} codes and ${rounds} refresh tokens, ${seconds(begun)} s, no second winner`,
  );
});

function seconds(begun: number): number {
  return Math.round((performance.now() - begun) / 1000);
}
