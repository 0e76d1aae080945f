/** 100,000 lines in one stream: the memory of the process stays as it is. */

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from '../api/api-server.ts';
import { onlyOnPostgres } from '../support/database.ts';

const lines = 100_000;

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test(...onlyOnPostgres('an import of 100,000 lines', 'needs DATABASE_URL'), async () => {
  const authorization = `Bearer ${await api.serviceToken()}`;
  const organization = `${api.issuer}/api/v1/platform/organizations/${randomUUID()}`;
  await fetch(organization, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({
      slug: 'imported',
      name: 'Imported',
      administrator: 'admin@acme.test',
    }),
  });
  const begun = performance.now();
  const response = await fetch(`${organization}/import`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(members())) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  let last = '';
  let read = 0;
  let most = 0;
  let atQuarter: number | undefined; // by then the heap is as large as the work needs it
  for await (const chunk of response.body ?? []) {
    const text = Buffer.from(chunk).toString();
    read += text.split('\n').length - 1;
    last = (last + text).slice(-200);
    const { rss } = process.memoryUsage();
    if (read > lines / 4) atQuarter ??= rss;
    most = Math.max(most, rss);
  }
  expect(last).toContain(`"done":true,"lines":${lines},"applied":${lines}`);
  const megabytes = Math.round((most - (atQuarter ?? 0)) / 1024 / 1024);
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(
    `${lines} lines in ${seconds} s; memory grew by ${megabytes} MB after the first quarter`,
  );
  expect(megabytes).toBeLessThan(100);
});

function* members(): Generator<string> {
  for (let n = 0; n < lines; n++) {
    yield `${JSON.stringify({ type: 'member', member: `member-${n}@imported.test`, name: `Member ${n}` })}\n`;
  }
}
