/**
 * Things that are held open, counted by who holds them.
 *
 * @module
 */

/** What is held, by holder. */
export interface Holdings<Thing> {
  /** In all. */
  total(): number;
  countOf(holder: string): number;
  /** One holder's, the oldest first. */
  of(holder: string): Iterable<Thing>;
  add(holder: string, thing: Thing): void;
  /** Does nothing where it is not held any more. */
  remove(holder: string, thing: Thing): void;
  /** Whoever holds most; undefined where nothing is held. Looks at each holder once. */
  largest(): string | undefined;
  /** All holders, whoever holds most first. */
  largestFirst(): string[];
}

/** Begins with nothing held. */
export function createHoldings<Thing>(): Holdings<Thing> {
  const held = new Map<string, Set<Thing>>();
  let total = 0;
  return {
    total: () => total,
    countOf: (holder) => held.get(holder)?.size ?? 0,
    of: (holder) => held.get(holder) ?? [],
    add(holder, thing) {
      held.set(holder, (held.get(holder) ?? new Set()).add(thing));
      total++;
    },
    remove(holder, thing) {
      const own = held.get(holder);
      if (own?.delete(thing) !== true) return;
      total--;
      if (own.size === 0) held.delete(holder);
    },
    largest() {
      let most: string | undefined;
      let size = 0;
      for (const [holder, own] of held) if (own.size > size) [most, size] = [holder, own.size];
      return most;
    },
    largestFirst: () =>
      [...held].sort(([, one], [, other]) => other.size - one.size).map(([holder]) => holder),
  };
}
