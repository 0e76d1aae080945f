/**
 * Refused attempts that are in nobody's audit trail: those of strangers, and those on paths whose
 * parts do not belong together. They are counted by what was tried, in this process.
 *
 * @module
 */

const counts = new Map<string, number>();

/** Counts an attempt. @param action the name of an act, so there are not many. */
export function countStrangerRefusal(action: string): void {
  counts.set(action, (counts.get(action) ?? 0) + 1);
}

/** @returns how many there were of each since the last call; the counting begins anew. */
export function takeStrangerRefusals(): Record<string, number> {
  const taken = Object.fromEntries(counts);
  counts.clear();
  return taken;
}
