/**
 * Loaded before Usher (`node --import`), it tells by IPC which routes are mounted, and for how long
 * the event loop was held: the processor time of the longest turn, since time that another program
 * had the processor is nobody's fault here. While it measures, the event loop never rests.
 */

import Router from '@koa/router';

/** What it is asked, and what it answers. */
export type MeterCommand = 'routes' | 'begin' | 'end';
export type MeterAnswer = readonly string[] | 'begun' | number;

const mounted: string[] = [];
const { register } = Router.prototype;
Router.prototype.register = function (path, methods, ...rest) {
  const paths = [path].flat().map(String);
  const written = methods.length > 9 ? ['ALL'] : methods.map((method) => method.toUpperCase());
  for (const one of paths) mounted.push(...written.map((method) => `${method} ${one}`));
  return register.call(this, path, methods, ...rest);
};

let isMeasuring = false;
let last = 0;
let longest = 0;

function processorMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function turn(): void {
  const now = processorMicroseconds();
  longest = Math.max(longest, now - last);
  last = now;
  if (isMeasuring) setImmediate(turn);
}

function answer(command: MeterCommand): MeterAnswer {
  if (command === 'routes') return mounted;
  isMeasuring = command === 'begin';
  if (!isMeasuring) return longest;
  longest = 0;
  last = processorMicroseconds();
  setImmediate(turn);
  return 'begun';
}

process.on('message', (command: MeterCommand) => process.send?.(answer(command)));
process.on('disconnect', () => process.exit()); // whoever measured is gone
process.channel?.unref();
