/** Requests generated from the OpenAPI document find no failure of ours; the long form is in test/soak. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from './api-server.ts';
import { sendGenerated } from './generated-requests.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('no request that the document allows, or nearly so, ends with 5xx', async () => {
  expect(await sendGenerated(api, 250)).toBeGreaterThanOrEqual(250);
}, 120_000);
