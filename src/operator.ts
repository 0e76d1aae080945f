/**
 * `npm run operator -- <command>`: see operator/commands.ts for what there is.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { readConfig } from './config.ts';
import { CommandError, runCommand } from './operator/commands.ts';
import { reachDatabase, usherKeyOf } from './start.ts';
import { openDatabase } from './storage/database.ts';
import { migrateUp } from './storage/migrate.ts';

await runProgram(async () => {
  const config = readConfig(process.env);
  const { address, stop } = await reachDatabase(config);
  await migrateUp(address);
  const database = openDatabase(address);
  try {
    const told = await runCommand(database, process.argv.slice(2), () => usherKeyOf(config));
    process.stdout.write(`${JSON.stringify(told, undefined, 2)}\n`);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    await database.close();
    await stop();
  }
});
