/**
 * `npm run operator -- <command>`: `--help` lists what there is.
 *
 * No command changes the tables' shape: an old version's emergency command must not find itself
 * migrating, nor a new one's take traffic down.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { type Config, readConfig } from './config.ts';
import { CommandError } from './operator/command.ts';
import { type CommandLine, readCommandLine } from './operator/command-line.ts';
import { printResult } from './operator/print.ts';
import { runParsed } from './operator/run.ts';
import { reachRunningDatabase, usherKeyOf } from './start.ts';
import { type DatabaseAddress, openDatabase } from './storage/engine/database.ts';
import { requireSchema } from './storage/engine/schema.ts';

await runProgram(async () => {
  try {
    const line = readCommandLine(process.argv.slice(2));
    if (line.kind === 'help') process.stdout.write(line.text);
    else await run(line);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
});

async function run(line: Extract<CommandLine, { kind: 'command' }>): Promise<void> {
  const config = readConfig(process.env);
  const { address, stop } = await reachRunningDatabase(config);
  try {
    const newer = await requireSchema(address);
    if (newer.length > 0) {
      process.stderr.write(
        `A newer version migrated; this one can run with ${newer.join(', ')}.\n`,
      );
    }
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
      {
        database,
        issuer,
        production,
        usherKey: () => usherKeyOf(config),
        input: () => process.stdin,
      },
      line,
    );
  } finally {
    await database.close();
  }
}
