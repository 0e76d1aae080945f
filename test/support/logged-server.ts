/** Usher as test/support/server.ts runs it, with its log lines at hand. */

import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import { listen, stopServer } from '../../src/ops/server.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { testUsherKey } from './server.ts';

/** One line of the log. */
type LogLine = Readonly<Record<string, unknown>>;

export interface LoggedServer {
  readonly issuer: string;
  readonly database: TestDatabase;
  /** All that was logged so far, as it was written. */
  readonly written: () => string;
  /** The same, read. */
  readonly lines: () => LogLine[];
  close(): Promise<void>;
}

/** Starts a server with the demo data. */
export async function startLoggedServer(): Promise<LoggedServer> {
  const database = await openTestDatabase();
  const port = await freePort();
  // With every address that a setting adds.
  const SIGN_IN_URL = 'http://localhost:9/usher';
  const config = readConfig({ PORT: String(port), SIGN_IN_URL });
  await seedDemo(database.db, config.issuer);
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const handler = await createApp({
    config,
    database: database.db,
    usherKey: testUsherKey,
    logger: pino({ level: 'debug', base: null }, stream),
    readiness: { isTaking: true },
  });
  const server = await listen(handler, '127.0.0.1', port);
  const written = () => chunks.join('');
  return {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}`,
    database,
    written,
    lines: () =>
      written()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine),
    close: async () => {
      server.closeAllConnections();
      await stopServer(server);
      await database.close();
    },
  };
}
