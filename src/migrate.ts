/**
 * `npm run migrate`: brings the database to the shape that this version needs;
 * `npm run migrate -- down [--yes-drop]` takes back one step, and says what that drops: in production
 * only with `--yes-drop`; `npm run migrate -- grant <role>` lets that role serve, and no more, after
 * migrating.
 *
 * It also makes the keys that this version adds, so that the nodes that serve already can publish them,
 * once they are started again, before the first node of this version signs with them.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { type Config, readConfig } from './config.ts';
import { SchemaError } from './lib/errors.ts';
import { loadKeyring } from './provider/keyring.ts';
import { reachDatabase, usherKeyOf } from './start.ts';
import { type DatabaseAddress, openDatabase } from './storage/engine/database.ts';
import { migrateUp } from './storage/engine/migrate.ts';
import { migrateDown, previewDown } from './storage/engine/migrate-down.ts';
import { grantServing } from './storage/engine/privileges.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function up(address: DatabaseAddress, config: Config): Promise<void> {
  const names = await migrateUp(address);
  for (const name of names) say(`ran ${name}`);
  say(names.length === 0 ? 'nothing to do' : `${names.length} migrations`);
  await makeKeys(address, usherKeyOf(config));
}

async function makeKeys(address: DatabaseAddress, usherKey: string): Promise<void> {
  const database = openDatabase(address);
  try {
    await loadKeyring(database, usherKey);
  } finally {
    await database.close();
  }
}

async function down(address: DatabaseAddress, mayDrop: boolean): Promise<void> {
  const step = await previewDown(address);
  if (step === undefined) {
    say('nothing to take back');
    return;
  }
  const { name, drops } = step;
  if (drops === undefined) say(`Taking back ${name}: it does not say beforehand what it drops.`);
  else if (drops.length === 0) say(`Taking back ${name} drops nothing.`);
  else say([`Taking back ${name} drops:`, ...drops.map((drop) => `  ${drop}`)].join('\n'));
  if (!mayDrop) {
    throw new SchemaError(
      'Nothing was taken back, since this is production. Make a backup, then run ' +
        '`npm run migrate -- down --yes-drop`.',
    );
  }
  say(`took back ${await migrateDown(address)}`);
}

async function grant(address: DatabaseAddress, config: Config, role: string): Promise<void> {
  await up(address, config);
  await grantServing(address, role);
  say(`${role} may serve`);
}

type Work = (address: DatabaseAddress, config: Config) => Promise<void>;

/** @returns undefined for a command line that says something else. */
function workOf([verb = 'up', word, ...rest]: readonly string[]): Work | undefined {
  if (rest.length > 0) return undefined;
  if (verb === 'up' && word === undefined) return up;
  if (verb === 'grant' && word !== undefined) {
    return (address, config) => grant(address, config, word);
  }
  if (verb === 'down' && (word === undefined || word === '--yes-drop')) {
    return (address, { isProduction }) => down(address, !isProduction || word === '--yes-drop');
  }
  return undefined;
}

const work = workOf(process.argv.slice(2));
if (work === undefined) {
  process.stderr.write('npm run migrate [-- up | down [--yes-drop] | grant <role>]\n');
  process.exit(1);
}
await runProgram(async () => {
  const config = readConfig(process.env);
  const { address, stop } = await reachDatabase(config);
  try {
    await work(address, config);
  } finally {
    await stop();
  }
});
