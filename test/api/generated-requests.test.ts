/** Requests generated from the OpenAPI document find no failure of ours; the long form is in test/soak. */

import { expect, test } from 'vitest';
import { forAllTests } from '../support/for-all-tests.ts';
import { startApi } from './api-server.ts';
import { sendGenerated } from './generated-requests.ts';

const api = forAllTests(startApi);

test('no request that the document allows, or nearly so, ends with 5xx', async () => {
  expect(await sendGenerated(api, 250)).toBeGreaterThanOrEqual(250);
}, 120_000);
