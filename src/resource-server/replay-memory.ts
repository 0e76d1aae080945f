/**
 * What was seen within a span of time, in two halves: when one span is over, the older half goes.
 *
 * Bounded: where it is full, nothing more is accepted, for what is forgotten could be replayed. It
 * is the memory of one process.
 *
 * @module
 */

/** Remembers keys for at least `spanSeconds`. */
export interface ReplayMemory {
  /** @param now seconds since 1970. */
  remember(key: string, now: number): 'new' | 'seen' | 'full';
}

/** @param limit how many keys of one span it holds. */
export function createReplayMemory(spanSeconds: number, limit: number): ReplayMemory {
  let current = new Set<string>();
  let previous = new Set<string>();
  let began = 0;

  function turn(now: number): void {
    if (now - began < spanSeconds) return;
    previous = now - began < 2 * spanSeconds ? current : new Set();
    current = new Set();
    began = now;
  }

  return {
    remember(key, now) {
      turn(now);
      if (current.has(key) || previous.has(key)) return 'seen';
      if (current.size >= limit) return 'full';
      current.add(key);
      return 'new';
    },
  };
}
