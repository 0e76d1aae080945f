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

/** Runs a file of `src` with words and a few settings, and nothing else of this environment; `at`: a copy of it. */
export function runProgramFile(
  file: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>>,
  at: string = root,
): Program {
  const child = spawn(process.execPath, [join(at, 'src', file), ...words], {
    cwd: at,
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

/** Waits until a process serves. @throws {Error} it ended instead; the message is what it wrote. */
export async function serving(program: Program): Promise<void> {
  let isOver = false;
  void program.exited.then(() => {
    isOver = true;
  });
  while (!program.output().includes('Usher is ready')) {
    if (isOver) throw new Error(program.output());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
