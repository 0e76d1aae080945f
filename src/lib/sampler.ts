/**
 * Which of many lines that say the same are written, so that nobody fills the log by asking often.
 *
 * @module
 */

/** How many of a kind are all written, in one minute. */
const allOf = 5;
const windowMilliseconds = 60_000;
const mostKinds = 1_000;

/**
 * @returns a function that takes what a line says; it answers how many like it there were in this
 *   minute, this one included, or undefined where the line is to be left out: after the first five
 *   only the 10th, the 100th and so on are written.
 */
export function createSampler(
  now: () => number = () => performance.now(),
): (kind: string) => number | undefined {
  const seen = new Map<string, number>();
  let since = now();
  return (kind) => {
    if (now() - since >= windowMilliseconds || seen.size >= mostKinds) {
      seen.clear();
      since = now();
    }
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= allOf || Number.isInteger(Math.log10(count)) ? count : undefined;
  };
}
