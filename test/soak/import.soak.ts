/** 100,000 lines in one stream: the memory of the process stays as it is. */

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from '../api/api-server.ts';
import { onPostgres } from '../support/database.ts';

const lines = 100_000;

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test.skipIf(!onPostgres)('an import of 100,000 lines (skipped: needs DATABASE_URL)', async () => {
  const authorization = `Bearer ${await api.serviceToken()}`;
  const organization = `${api.issuer}/api/v1/platform/organizations/${randomUUID()}`;
  await fetch(organization, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ slug: 'imported', name: 'Imported', administrator: 'admin@acme.test' }),
  });
  const begun = performance.now();
  const response = await fetch(`${organization}/import`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(members())) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  let last = '';
  let most = 0;
  const least = process.memoryUsage().rss;
  for await (const chunk of response.body ?? []) {
    last = (last + Buffer.from(chunk).toString()).slice(-200);
    most = Math.max(most, process.memoryUsage().rss);
  }
  expect(last).toContain(`"done":true,"lines":${lines},"applied":${lines}`);
  const megabytes = Math.round((most - least) / 1024 / 1024);
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${lines} lines in ${seconds} s; memory grew by ${megabytes} MB`);
  expect(megabytes).toBeLessThan(150);
});

function* members(): Generator<string> {
  for (let n = 0; n < lines; n++) {
    yield `${JSON.stringify({ type: 'member', member: `member-${n}@imported.test`, name: `Member ${n}` })}\n`;
  }
}
