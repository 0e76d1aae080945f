/**
 * What a run has started and must end, whatever happens: processes, databases, directories.
 *
 * @module
 */

/** Takes back what was done, the newest first. */
export interface Cleanup {
  add(undo: () => Promise<unknown>): void;
  /** Whatever asks for it, it is done once. */
  run(): Promise<void>;
  /** Whether the run was told to end: what fails from then on is no news. */
  isInterrupted(): boolean;
}

/** @returns a cleanup that also runs when the benchmark is interrupted. */
export function createCleanup(): Cleanup {
  const undos: (() => Promise<unknown>)[] = [];
  let isInterrupted = false;
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= undoAll(undos);
    return running;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      isInterrupted = true;
      void run().then(() => process.exit(130));
    });
  }
  const add = (undo: () => Promise<unknown>) => {
    if (running === undefined) undos.push(undo);
    else void undo().catch(tell); // it was begun while everything ended
  };
  return { add, run, isInterrupted: () => isInterrupted };
}

async function undoAll(undos: (() => Promise<unknown>)[]): Promise<void> {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
    await undo().catch(tell);
  }
}

function tell(error: unknown): void {
  process.stderr.write(`while ending: ${(error as Error).message}\n`);
}
