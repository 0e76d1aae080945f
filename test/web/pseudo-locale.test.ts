/** The language of tests is none of production. */

import { expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/ops/logging.ts';
import { openTestDatabase } from '../support/database.ts';
import { testUsherKey } from '../support/server.ts';

test('production refuses the pseudo-locale', async () => {
  const database = await openTestDatabase();
  const config = readConfig({
    NODE_ENV: 'production',
    ISSUER: 'https://usher.test',
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    USHER_KEY: testUsherKey,
  });
  const parts = { database: database.db, usherKey: testUsherKey, readiness: { isTaking: true } };
  const app = createApp({
    ...parts,
    config,
    logger: createLogger('silent'),
    hasPseudoLocale: true,
  });
  await expect(app).rejects.toThrow('no pseudo-locale in production');
  await database.close();
});
