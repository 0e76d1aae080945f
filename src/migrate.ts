/**
 * `npm run migrate`: brings the database to the newest shape; `npm run migrate -- down` takes all
 * back; `npm run migrate -- grant <role>` lets that role serve, and no more, after migrating.
 *
 * @module
 */

import { readConfig } from './config.ts';
import { reachDatabase } from './start.ts';
import { migrateDown, migrateUp } from './storage/migrate.ts';
import { grantServing } from './storage/privileges.ts';

const [verb, role] = process.argv.slice(2);
const { address, stop } = await reachDatabase(readConfig(process.env));
const isDown = verb === 'down';
const names = await (isDown ? migrateDown : migrateUp)(address);
process.stdout.write(names.map((name) => `${isDown ? 'took back' : 'ran'} ${name}\n`).join(''));
process.stdout.write(names.length === 0 ? 'nothing to do\n' : `${names.length} migrations\n`);
if (verb === 'grant' && role !== undefined) {
  await grantServing(address, role);
  process.stdout.write(`${role} may serve\n`);
}
await stop();
