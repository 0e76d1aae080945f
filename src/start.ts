/**
 * Starts a process: database, migrations, keys, demo data, server; and stops it again.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { inviteFirstOperator } from './accounts/first-operator.ts';
import { newSetUpCode } from './accounts/first-steps.ts';
import { createApp } from './app.ts';
import { sweepUnusedApplications } from './applications/sweep.ts';
import { catalogue } from './catalogue/catalogue.ts';
import { platformWords } from './catalogue/words.ts';
import type { Config } from './config.ts';
import { followIssuer, seedDemo } from './demo/seed.ts';
import { createUseCounter } from './introspection/use-counter.ts';
import { SchemaError } from './lib/errors.ts';
import { loadMessages, type MessageBook, messagesDirectory } from './lib/messages.ts';
import { startMailSender } from './mail/sender.ts';
import { createSentMails, type SentMails } from './mail/sent-mail.ts';
import { mailTransport } from './mail/transport.ts';
import { mailWriters } from './mails.ts';
import { whenRoleIsUnknown } from './members/permissions.ts';
import { admitCatalogue } from './ops/admit-catalogue.ts';
import { createFailureLog } from './ops/failures.ts';
import type { Metrics } from './ops/metrics.ts';
import { refusalReport } from './ops/refusal-report.ts';
import { directClients, listen, proxiedClients, stopServer } from './ops/server.ts';
import { startSweeper } from './ops/sweeper.ts';
import { sweepAuditTrail } from './organizations/audit-retention.ts';
import { sweepIdleConsents } from './organizations/idle-consents.ts';
import { createFlowRecord } from './portal/flow-record.ts';
import {
  type Database,
  type DatabaseAddress,
  openDatabase,
  throughPooler,
} from './storage/engine/database.ts';
import { findRunning } from './storage/engine/embedded-lock.ts';
import { sweepExpired } from './storage/engine/expired-rows.ts';
import { migrateUp } from './storage/engine/migrate.ts';
import { findLackingRole, mayRewriteAudit } from './storage/engine/privileges.ts';
import { requireSchema } from './storage/engine/schema.ts';
import { wasNoOperatorNamed } from './storage/people/operators.ts';
import { clientAddress } from './web/page/client-address.ts';

/** A database that a process may use until it stops it. */
export interface OpenedDatabase {
  readonly address: DatabaseAddress;
  stop(): Promise<void>;
}

/**
 * @throws {DirectoryInUseError} the embedded database belongs to another process.
 * @throws {PoolerError} a pooler before the database does not do what Usher needs.
 */
export async function reachDatabase(config: Config): Promise<OpenedDatabase> {
  const { databaseUrl, databasePool, dataDirectory } = config;
  if (databaseUrl === undefined) {
    const { startEmbeddedDatabase } = await import('./storage/engine/embedded-database.ts'); // large
    return startEmbeddedDatabase(dataDirectory);
  }
  const connection = { connectionString: databaseUrl };
  const address = await throughPooler({ connection, shared: false, poolSize: databasePool });
  return { address, stop: async () => {} };
}

/**
 * For a command: with the embedded database it goes to the process that runs, where there is one.
 *
 * @throws {DirectoryInUseError} there is one that cannot be reached.
 */
export async function reachRunningDatabase(config: Config): Promise<OpenedDatabase> {
  const { databaseUrl, dataDirectory } = config;
  const running = databaseUrl === undefined ? await findRunning(dataDirectory) : undefined;
  return running === undefined ? reachDatabase(config) : { address: running, stop: async () => {} };
}

/** A process that serves. */
export interface Running {
  readonly server: Server;
  /** What the page of the first steps asks for; undefined where there are none to take. */
  readonly setUpCode: string | undefined;
  /** Is not ready from now on; drains for so long, then lets requests in flight finish. */
  stop(drainSeconds: number): Promise<void>;
}

/** Starts everything; resolves when the process takes requests. */
export async function start(config: Config, logger: Logger): Promise<Running> {
  const { address, stop } = await reachDatabase(config);
  const migrated = await migrateUp(address);
  if (migrated.length > 0) logger.info({ count: migrated.length }, 'migrated');
  const newer = await requireSchema(address);
  if (newer.length > 0)
    logger.info({ newer }, 'a newer version migrated; this one can run with that');
  const database = openDatabase(address);
  await requireRights(database, newer, logger);
  await admitCatalogue(database, catalogue);
  whenRoleIsUnknown((role) =>
    logger.warn({ role }, 'a role that this catalogue lacks gives nothing'),
  );
  if (config.isProduction) await warnOfOwner(database, logger);
  if (config.demo) await prepareDemo(config, database, logger);
  if (config.setUpEmail !== undefined && (await inviteFirstOperator(database, config.setUpEmail)))
    logger.info('the link of the first operator goes out by mail');

  const readiness = { isTaking: true };
  const usherKey = usherKeyOf(config);
  const metrics = config.metricsPort === undefined ? undefined : await loadMetrics();
  const sentMails = config.showsSentMail ? createSentMails() : undefined;
  const setUpCode = config.offersFirstSteps ? newSetUpCode() : undefined;
  const logFailure = createFailureLog(logger);
  const record = createFlowRecord(database, (error) => logFailure(undefined, error));
  const parts = { config, database, usherKey, logger, readiness, metrics, sentMails, setUpCode };
  const uses = createUseCounter(database, (error) => logFailure(undefined, error));
  const messages = loadMessages(messagesDirectory, { words: platformWords });
  const handler = await createApp({ ...parts, messages, record, uses });
  const server = await listen(handler, config.host, config.port, clientsOf(config));
  const stopSweeper = startSweeper(sweepsOf(config, database, logger), logger, metrics?.countSweep);
  const scraped = await metrics?.listen(config.host, config.metricsPort ?? 0);
  const stopMail = startMail(config, database, logger, sentMails, messages);
  const isNew = setUpCode !== undefined && (await wasNoOperatorNamed(database));
  return {
    server,
    setUpCode: isNew ? setUpCode : undefined,
    async stop(drainSeconds) {
      readiness.isTaking = false;
      const background = Promise.all([stopMail(), stopSweeper()]);
      await stopServer(server, drainSeconds * 1000);
      await background;
      await record.flush();
      scraped?.close();
      await uses.stop();
      await database.close();
      await stop();
    },
  };
}

function sweepsOf(config: Config, database: Database, logger: Logger) {
  return [
    () => sweepExpired(database),
    () => sweepUnusedApplications(database, config.registrationUnusedDays),
    () => sweepIdleConsents(database),
    () => sweepAuditTrail(database, config.auditRetentionDays),
    refusalReport(logger),
  ];
}

/** Large, and mostly not wanted. */
async function loadMetrics(): Promise<Metrics> {
  const { createMetrics } = await import('./ops/metrics.ts');
  return createMetrics();
}

/**
 * A role that may not use a table would fail at the first request that needs it. Tables of a newer
 * version are none of this one's, so beside them it only warns.
 */
async function requireRights(
  database: Database,
  newer: readonly string[],
  logger: Logger,
): Promise<void> {
  const lacking = await findLackingRole(database);
  if (lacking === undefined) return;
  const { role, names } = lacking;
  const message =
    `The role ${role} of DATABASE_URL has no rights on ${names.join(', ')}. ` +
    `Run \`npm run migrate -- grant ${role}\` with the owner of the tables in DATABASE_URL.`;
  if (newer.length === 0) throw new SchemaError(message);
  logger.warn({ advice: message }, 'the role of DATABASE_URL lacks rights');
}

async function prepareDemo({ issuer }: Config, database: Database, logger: Logger): Promise<void> {
  if (await seedDemo(database, issuer)) logger.info('demo data written');
  else await followIssuer(database, issuer);
}

function clientsOf({ trustedHops }: Config) {
  if (trustedHops === 0) return directClients;
  return proxiedClients((request) => clientAddress(request, trustedHops));
}

/** It works as the tables' owner as well; then only the program itself leaves the trail alone. */
async function warnOfOwner(database: Database, logger: Logger): Promise<void> {
  if (!(await mayRewriteAudit(database))) return;
  const advice = 'serve as a role that does not own the tables: npm run migrate -- grant <role>';
  logger.warn({ advice }, 'the role of DATABASE_URL could rewrite the audit trail');
}

const mailEverySeconds = 5;

function startMail(
  { issuer, smtpUrl, mailFrom: from, isProduction: production }: Config,
  db: Database,
  log: Logger,
  sent: SentMails | undefined,
  messages: MessageBook,
): () => Promise<void> {
  const send = mailTransport({ smtpUrl, from, production, log, sent });
  const compose = mailWriters({ issuer, messages });
  return startMailSender({ db, send, compose, log }, mailEverySeconds);
}

/** @returns the key from the environment; with the embedded database alone, one of its own, made once. */
export function usherKeyOf({ usherKey, dataDirectory }: Config): string {
  if (usherKey !== undefined) return usherKey;
  const file = join(dataDirectory, 'key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
