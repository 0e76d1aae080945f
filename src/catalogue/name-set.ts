/**
 * Sets of names from one closed, ordered list, kept as bits: a decision is a few bitwise ANDs.
 *
 * @module
 */

declare const names: unique symbol;

/** A set of names; bit `n` stands for the list's `n`-th name. */
export type NameSet<Name extends string> = bigint & { readonly [names]: Name };

/** How the names of one list become sets and sets become names. */
export interface NameList<Name extends string> {
  /** The set that holds one name; undefined for a string that is not in the list. */
  readonly single: (name: string) => NameSet<Name> | undefined;
  /** The set of these names. */
  readonly of: (names: Iterable<Name>) => NameSet<Name>;
  /** The names of a set, in the list's order. */
  readonly names: (set: NameSet<Name>) => Name[];
}

/**
 * Fixes the list, and with it the bits.
 *
 * @param former other names for names of the list, which are read and not printed.
 */
export function nameList<Name extends string>(
  order: readonly Name[],
  former: ReadonlyMap<string, Name> = new Map(),
): NameList<Name> {
  const bits = new Map<string, NameSet<Name>>(
    order.map((name, index) => [name, (1n << BigInt(index)) as NameSet<Name>]),
  );
  for (const [old, name] of former) bits.set(old, bits.get(name) ?? (0n as NameSet<Name>));
  const single = (name: string) => bits.get(name);
  const of = (names: Iterable<Name>) => {
    let set = 0n;
    for (const name of names) set |= bits.get(name) ?? 0n;
    return set as NameSet<Name>;
  };
  // Base 2 puts the list's first name last; one conversion beats a shift per name by far.
  const names = (set: NameSet<Name>) => {
    const digits = set.toString(2);
    const last = digits.length - 1;
    return order.filter((_name, index) => digits[last - index] === '1');
  };
  return { single, of, names };
}

/** What is in either. */
export function union<Name extends string>(
  one: NameSet<Name>,
  other: NameSet<Name>,
): NameSet<Name> {
  return (one | other) as NameSet<Name>;
}

/** What is in both. */
export function intersect<Name extends string>(
  one: NameSet<Name>,
  other: NameSet<Name>,
): NameSet<Name> {
  return (one & other) as NameSet<Name>;
}

/** What is in the first and not in the second. */
export function without<Name extends string>(
  set: NameSet<Name>,
  removed: NameSet<Name>,
): NameSet<Name> {
  return (set & ~removed) as NameSet<Name>;
}

/** Whether everything in the first is in the second. */
export function isSubset<Name extends string>(part: NameSet<Name>, whole: NameSet<Name>): boolean {
  return (part & ~whole) === 0n;
}

/** Whether nothing is in it. */
export function isEmpty(set: NameSet<string>): boolean {
  return set === 0n;
}
