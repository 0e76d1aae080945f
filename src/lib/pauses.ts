/**
 * Long work in pieces: between two of them the event loop turns, so that nobody else waits for all.
 *
 * @module
 */

const workMilliseconds = 10;

/**
 * @returns what to call after each piece: undefined, or, once enough was done in one go, a promise to
 *   wait for.
 */
export function createPauses(now = () => performance.now()): () => Promise<void> | undefined {
  let since = now();
  return () => {
    if (now() - since < workMilliseconds) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = now();
        resolve();
      });
    });
  };
}

/** As `items.map(work)`, with a pause each time that enough was done. */
export async function mapWithPauses<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Result,
  pause = createPauses(),
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    const due = pause();
    if (due !== undefined) await due;
  }
  return results;
}
