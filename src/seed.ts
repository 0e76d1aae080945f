/**
 * `npm run seed`: writes the demo data into a database without accounts; never in production.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { ConfigurationError, readConfig } from './config.ts';
import { seedDemo } from './demo/seed.ts';
import { reachDatabase } from './start.ts';
import { openDatabase } from './storage/engine/database.ts';
import { migrateUp } from './storage/engine/migrate.ts';

await runProgram(async () => {
  const config = readConfig(process.env);
  if (config.isProduction) {
    throw new ConfigurationError(['NODE_ENV: the demo data is refused in production']);
  }
  const { address, stop } = await reachDatabase(config);
  await migrateUp(address);
  const database = openDatabase(address);
  const isWritten = await seedDemo(database, config.issuer);
  process.stdout.write(
    isWritten ? 'demo data written\n' : 'there are accounts already: left alone\n',
  );
  await database.close();
  await stop();
});
