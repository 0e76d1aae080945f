/**
 * Keys that nobody would call random.
 *
 * @module
 */

/** Whether a key is more than a few characters, a piece of text or a sequence over and over. */
export function isHardToGuess(key: string): boolean {
  const distinct = new Set(key).size;
  const repeats = (period: number) =>
    [...key].every((c, at) => at < period || c === key[at - period]);
  const periods = Array.from({ length: Math.floor(key.length / 2) }, (_, n) => n + 1);
  const steps = [...key].filter((c, at) => {
    const step = c.charCodeAt(0) - key.charCodeAt(Math.max(0, at - 1));
    return Math.abs(step) <= 1;
  });
  return distinct >= 8 && !periods.some(repeats) && steps.length < key.length * 0.8;
}
