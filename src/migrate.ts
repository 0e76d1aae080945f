/**
 * `npm run migrate`: brings the database to the newest shape; `npm run migrate -- down` takes all
 * back; `npm run migrate -- grant <role>` lets that role serve, and no more, after migrating.
 *
 * It also makes the keys that this version adds, so that the nodes that serve already can publish them,
 * once they are started again, before the first node of this version signs with them.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { readConfig } from './config.ts';
import { loadKeyring } from './provider/keyring.ts';
import { reachDatabase, usherKeyOf } from './start.ts';
import { type DatabaseAddress, openDatabase } from './storage/database.ts';
import { migrateDown, migrateUp } from './storage/migrate.ts';
import { grantServing } from './storage/privileges.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function migrate(address: DatabaseAddress, isDown: boolean): Promise<void> {
  const names = await (isDown ? migrateDown : migrateUp)(address);
  for (const name of names) say(`${isDown ? 'took back' : 'ran'} ${name}`);
  say(names.length === 0 ? 'nothing to do' : `${names.length} migrations`);
}

async function makeKeys(address: DatabaseAddress, usherKey: string): Promise<void> {
  const database = openDatabase(address);
  try {
    await loadKeyring(database, usherKey);
  } finally {
    await database.close();
  }
}

const [verb = 'up', role] = process.argv.slice(2);
if (!['up', 'down', 'grant'].includes(verb) || (verb === 'grant') !== (role !== undefined)) {
  process.stderr.write('npm run migrate [-- up | down | grant <role>]\n');
  process.exit(1);
}
await runProgram(async () => {
  const config = readConfig(process.env);
  const { address, stop } = await reachDatabase(config);
  try {
    await migrate(address, verb === 'down');
    if (verb !== 'down') await makeKeys(address, usherKeyOf(config));
    if (role !== undefined) {
      await grantServing(address, role);
      say(`${role} may serve`);
    }
  } finally {
    await stop();
  }
});
