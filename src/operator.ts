/**
 * `npm run operator -- <command>`: `--help` lists what there is.
 *
 * No command changes the tables' shape: an old version's emergency command must not find itself
 * migrating, nor a new one's take traffic down.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { type Config, ConfigurationError, readConfig } from './config.ts';
import { CommandError } from './operator/command.ts';
import { type CommandLine, readCommandLine } from './operator/command-line.ts';
import { printResult } from './operator/print.ts';
import { runParsed } from './operator/run.ts';
import { reachDatabase, usherKeyOf } from './start.ts';
import { type DatabaseAddress, openDatabase } from './storage/database.ts';
import { pendingMigrations } from './storage/migrate.ts';

await runProgram(async () => {
  try {
    const line = readCommandLine(process.argv.slice(2));
    if (line.kind === 'help') process.stdout.write(line.text);
    else await perform(line);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
});

async function perform(line: Extract<CommandLine, { kind: 'command' }>): Promise<void> {
  const config = readConfig(process.env);
  const { address, stop } = await reachDatabase(config);
  try {
    await checkSchema(address);
    process.stdout.write(printResult(await runAt(address, config, line), line.json));
  } finally {
    await stop();
  }
}

async function runAt(
  address: DatabaseAddress,
  config: Config,
  line: Extract<CommandLine, { kind: 'command' }>,
) {
  const { issuer, isProduction: production } = config;
  const database = openDatabase(address);
  try {
    return await runParsed(
      { database, issuer, production, usherKey: () => usherKeyOf(config) },
      line,
    );
  } finally {
    await database.close();
  }
}

async function checkSchema(address: DatabaseAddress): Promise<void> {
  const pending = await pendingMigrations(address);
  if (pending.length === 0) return;
  throw new ConfigurationError([
    `DATABASE_URL: the tables are older than this version of Usher (${pending.length} migrations ` +
      'have not run). Run this first: npm run migrate',
  ]);
}
