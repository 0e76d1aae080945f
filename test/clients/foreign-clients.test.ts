/**
 * Clients of other people's making, each through the whole of it: discovery, registration where it
 * registers itself, the code with PKCE, the ID token, userinfo, refresh, introspection, revocation.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onPostgres, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { foreignClients } from './foreign/clients.ts';

const run = join(import.meta.dirname, 'run');
let database: TestDatabase | undefined;
let lines: string[] = [];

beforeAll(async () => {
  database = onPostgres ? await openTestDatabase() : undefined;
  const { PATH = '', HOME = '' } = process.env;
  const { connectionString: url } = database?.address.connection ?? {};
  const env = { PATH, HOME, ...(url !== undefined && { DATABASE_URL: url }) };
  const printed = await promisify(execFile)(run, { env }).catch((failure) => failure);
  lines = `${printed.stdout}${printed.stderr}`.split('\n');
}, 300_000);
afterAll(() => database?.close());

test.for(foreignClients)('$name', ({ name }, context) => {
  const skipped = lines.find((line) => line.startsWith(`skipped ${name}: `));
  if (skipped !== undefined) context.skip(skipped);
  expect(lines).toContain(`passed ${name}`);
});
