/**
 * Reads the configuration, starts, and stops on SIGTERM or SIGINT.
 *
 * @module
 */

import { runProgram } from './command-line.ts';
import { type Config, readConfig } from './config.ts';
import { createLogger } from './ops/logging.ts';
import { type Running, start } from './start.ts';

/** Serves until a signal comes; ends the process with 1 where it cannot start. */
export function serve(): Promise<void> {
  return runProgram(async () => {
    const config = readConfig(process.env);
    const running = await start(config, createLogger(config.logLevel));
    greet(config);
    stopOnSignal(running);
  }, 'Usher cannot start.');
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
