/** One of Usher's programs, as the command line runs it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Program {
  readonly child: ChildProcess;
  /** All that it wrote so far, to both outputs. */
  output(): string;
  /** Its exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Runs a file of `src` with words and a few settings, and nothing else of this environment. */
export function runProgramFile(
  file: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
): Program {
  const child = spawn(process.execPath, [join(root, 'src', file), ...words], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => text, exited };
}
