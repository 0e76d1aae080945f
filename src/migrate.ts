/**
 * `npm run migrate`: brings the database to the newest shape; `npm run migrate -- down` takes all back.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { readConfig } from './config.ts';
import { reachDatabase } from './start.ts';
import { migrateDown, migrateUp } from './storage/migrate.ts';

await runProgram(async () => {
  const { address, stop } = await reachDatabase(readConfig(process.env));
  const isDown = process.argv[2] === 'down';
  const names = await (isDown ? migrateDown : migrateUp)(address);
  process.stdout.write(names.map((name) => `${isDown ? 'took back' : 'ran'} ${name}\n`).join(''));
  process.stdout.write(names.length === 0 ? 'nothing to do\n' : `${names.length} migrations\n`);
  await stop();
});
