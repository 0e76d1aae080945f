/**
 * `npm start`: reads the configuration, starts, and stops on SIGTERM or SIGINT.
 *
 * @module
 */

import { type Config, readConfig } from './config.ts';
import { createLogger } from './ops/logging.ts';
import { type Running, start } from './start.ts';

try {
  const config = readConfig(process.env);
  const running = await start(config, createLogger(config.logLevel));
  greet(config);
  stopOnSignal(running);
} catch (error) {
  const { code, name, message } = error as { code?: string; name: string; message: string };
  const isTold = name === 'ConfigurationError' || code !== undefined;
  process.stderr.write(
    `Usher cannot start.\n${isTold ? message : String((error as Error).stack)}\n`,
  );
  process.exit(1);
}

function greet({ issuer, demo }: Config): void {
  const lines = demo
    ? [
        `Usher is ready at ${issuer}`,
        '',
        `  Open    ${issuer}/demo`,
        '  Sign in member@acme.test, password usher-demo',
        '',
      ]
    : [`Usher is ready at ${issuer}`];
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** The first signal lets requests in flight finish; a second one stops at once. */
function stopOnSignal(running: Running): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
