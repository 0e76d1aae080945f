/** 100,000 requests generated from the OpenAPI document of the management API: none ends with 5xx. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from '../api/api-server.ts';
import { sendGenerated } from '../api/generated-requests.ts';
import { onlyOnPostgres } from '../support/database.ts';

const requests = 100_000;
const atOnce = 4;

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test(...onlyOnPostgres('no request ends with 5xx', 'needs DATABASE_URL'), async () => {
  const parts = Array.from({ length: atOnce }, () => sendGenerated(api, requests / atOnce));
  const sent = await Promise.all(parts);
  expect(sent.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(requests);
});
