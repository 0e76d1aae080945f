/**
 * `npm run migrate`: brings the database to the newest shape; `npm run migrate -- down` takes all
 * back; `npm run migrate -- grant <role>` lets that role serve, and no more, after migrating.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { readConfig } from './config.ts';
import { reachDatabase } from './start.ts';
import type { DatabaseAddress } from './storage/database.ts';
import { migrateDown, migrateUp } from './storage/migrate.ts';
import { grantServing } from './storage/privileges.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function migrate(address: DatabaseAddress, isDown: boolean): Promise<void> {
  const names = await (isDown ? migrateDown : migrateUp)(address);
  for (const name of names) say(`${isDown ? 'took back' : 'ran'} ${name}`);
  say(names.length === 0 ? 'nothing to do' : `${names.length} migrations`);
}

const [verb = 'up', role] = process.argv.slice(2);
if (!['up', 'down', 'grant'].includes(verb) || (verb === 'grant') !== (role !== undefined)) {
  process.stderr.write('npm run migrate [-- up | down | grant <role>]\n');
  process.exit(1);
}
await runProgram(async () => {
  const { address, stop } = await reachDatabase(readConfig(process.env));
  try {
    await migrate(address, verb === 'down');
    if (role !== undefined) {
      await grantServing(address, role);
      say(`${role} may serve`);
    }
  } finally {
    await stop();
  }
});
