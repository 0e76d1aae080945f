/**
 * Reads the configuration, starts, and stops on SIGTERM or SIGINT.
 *
 * @module
 */

import type { Logger } from 'pino';
import { runProgram } from './command-line.ts';
import { type Config, readConfig } from './config.ts';
import { demo as demoData } from './demo/demo-data.ts';
import { createLogger } from './ops/logging.ts';
import { type Running, start } from './start.ts';

/** Serves until a signal comes; ends the process with 1 where it cannot start. */
export function serve(): Promise<void> {
  return runProgram(async () => {
    const config = readConfig(process.env);
    const logger = createLogger(config.logLevel);
    const signals = listenForSignals();
    const running = await start(config, logger);
    greet(config, running.setUpCode);
    signals.stop(running, config, logger);
  }, 'Usher cannot start.');
}

function greet({ issuer, demo }: Config, setUpCode: string | undefined): void {
  const lines = demo
    ? [
        `Usher is ready at ${issuer}`,
        '',
        `  Open    ${issuer}/demo`,
        `  Sign in ${demoData.tryAs}, password ${demoData.password}`,
        '',
      ]
    : [`Usher is ready at ${issuer}`, ...firstSteps(issuer, setUpCode)];
  process.stderr.write(`${lines.join('\n')}\n`);
}

function firstSteps(issuer: string, setUpCode: string | undefined): string[] {
  if (setUpCode === undefined) return [];
  return ['', `  Set it up   ${issuer}/set-up`, `  Set-up code ${setUpCode}`, ''];
}

type Stop = (signal: NodeJS.Signals) => void;

/**
 * The first signal lets requests in flight finish; a second one ends the process at once, and so does
 * one that comes before it serves. As a container's first process it would otherwise not hear of it.
 */
function listenForSignals() {
  const end: Stop = () => process.exit(1);
  let next = end;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const heard = next;
      next = end;
      heard(signal);
    });
  }
  return {
    stop(running: Running, config: Config, logger: Logger): void {
      next = (signal) => stop(running, config, logger, signal);
    },
  };
}

/** Only SIGTERM drains: behind SIGINT there is somebody who waits for the command line. */
function stop(
  running: Running,
  { drainSeconds, stopSeconds }: Config,
  logger: Logger,
  signal: NodeJS.Signals,
): void {
  logger.info({ signal }, 'stopping');
  setTimeout(() => {
    logger.warn({ stopSeconds }, 'not stopped by the deadline: what was in flight is cut off');
    process.exit(1);
  }, stopSeconds * 1000);
  running.stop(signal === 'SIGTERM' ? drainSeconds : 0).then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
