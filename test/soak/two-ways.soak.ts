/**
 * test/introspection/fast-path.test.ts for long: SOAK_REQUESTS generated introspection requests
 * (50,000 unless told), each answered by the fast path and by the library. The figures are printed.
 */

import { expect, test } from 'vitest';
import { compareMany } from '../introspection/compare-many.ts';
import { writeOddWorld } from '../introspection/odd-world.ts';
import { createTwoWays } from '../introspection/two-ways.ts';
import { startTestServer } from '../support/server.ts';

const requests = Number(process.env['SOAK_REQUESTS'] ?? 50_000);

test(`${requests} introspection requests: both ways answer alike`, async () => {
  const server = await startTestServer();
  const ways = createTwoWays(server.issuer);
  const seen = await compareMany(ways, await writeOddWorld(server), requests);
  const answers = [...seen.answers].sort().join(', ');
  console.log(`${seen.requests} requests, ${seen.plain} plain; answers: ${answers}`);
  expect(seen.requests).toBe(requests);
  ways.close();
  await server.close();
});
