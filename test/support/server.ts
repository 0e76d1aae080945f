/** Usher itself, running in this process on a port and a database of its own, with the demo data. */

import type { Logger } from 'pino';
import { type AppParts, createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { demoPassword } from '../../src/demo/demo-data.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import { createUseCounter, type UseCounter } from '../../src/introspection/use-counter.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { sendDueMail } from '../../src/mail/sender.ts';
import { createSentMails, type SentMail } from '../../src/mail/sent-mail.ts';
import { mailWriters } from '../../src/mails.ts';
import { createLogger } from '../../src/ops/logging.ts';
import { listen, stopServer } from '../../src/ops/server.ts';
import { type DatabaseAddress, openDatabase } from '../../src/storage/engine/database.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { recordSecret, secretsAtRest } from './issued-secrets.ts';
import { texts } from './texts.ts';

/** Wraps the keys of every test's database. */
export const testUsherKey = 'test-key-0123456789-0123456789-0123456789';

export interface TestServer {
  readonly issuer: string;
  readonly config: Config;
  readonly database: TestDatabase;
  /** Counts what applications use; it is written by `flush`, and now and then. */
  readonly uses: UseCounter;
  /** Sends the mail that is due; nothing else does. @returns all that was sent, the newest first. */
  sendMail(): Promise<readonly SentMail[]>;
  /** Stops it. @throws {Error} a secret that the tests were given stands in a table. */
  close(): Promise<void>;
}

/** No test asks the name servers of this machine: these answer nothing. */
const nobodysNames = { DNS_SERVERS: '127.0.0.1:1' };

/**
 * Starts a server; `environment` adds settings, and it may reach its database or log another way. With a
 * `setUpCode` nothing is in its database.
 */
export async function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  reach?: (address: DatabaseAddress) => Promise<DatabaseAddress>,
  logger?: Logger,
  { hasPseudoLocale, setUpCode }: Pick<AppParts, 'hasPseudoLocale' | 'setUpCode'> = {},
): Promise<TestServer> {
  const database = await openTestDatabase();
  const db = reach ? openDatabase(await reach(database.address)) : database.db;
  const port = await freePort();
  const config = readConfig({
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ...nobodysNames,
    ...environment,
  });
  if (setUpCode === undefined) await seedDemo(database.db, config.issuer);
  const sentMails = createSentMails();
  // Databases that tests stop or make refuse cannot count.
  const uses = createUseCounter(db, () => {});
  const handler = await createApp({
    uses,
    config,
    database: db,
    usherKey: testUsherKey,
    logger: logger ?? createLogger(config.logLevel),
    readiness: { isTaking: true },
    hasPseudoLocale,
    setUpCode,
    sentMails,
  });
  const server = await listen(handler, '127.0.0.1', port);
  for (const secret of [testUsherKey, demoPassword]) recordSecret('setting', secret);
  return {
    issuer: config.issuer,
    config,
    database,
    uses,
    sendMail: async () => {
      const compose = mailWriters({ issuer: config.issuer, messages: texts });
      const send = async (mail: Mail) => sentMails.keep(mail);
      await sendDueMail({ db: database.db, send, compose, log: { warn: failed } });
      return sentMails.list();
    },
    close: async () => {
      server.closeAllConnections();
      await stopServer(server);
      await uses.stop();
      const leaked = await secretsAtRest(database.db);
      if (db !== database.db) await db.close();
      await database.close();
      if (leaked.length > 0) throw new Error(`stored in clear: ${leaked.join(', ')}`);
    },
  };
}

/** A mail that cannot be written is a fault of ours. */
function failed(...line: unknown[]): void {
  throw new Error(`mail was not sent: ${JSON.stringify(line)}`);
}
