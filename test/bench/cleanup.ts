/**
 * What a run has started and must end, whatever happens: processes, databases, directories.
 *
 * @module
 */

/** Takes back what was done, the newest first. */
export interface Cleanup {
  add(undo: () => Promise<unknown>): void;
  run(): Promise<void>;
}

/** @returns a cleanup that also runs when the benchmark is interrupted. */
export function createCleanup(): Cleanup {
  const undos: (() => Promise<unknown>)[] = [];
  const run = async () => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
      await undo().catch(tell);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void run().then(() => process.exit(130)));
  }
  return { add: (undo) => void undos.push(undo), run };
}

function tell(error: unknown): void {
  process.stderr.write(`while ending: ${(error as Error).message}\n`);
}
