/**
 * What a secret is called by whoever made it.
 *
 * @module
 */

const longest = 64;

/** @returns the name without spaces around it, '' for none; undefined where it is too long or has hidden characters. */
export function readSecretName(typed: string): string | undefined {
  const name = typed.trim();
  return name.length > longest || /\p{C}/u.test(name) ? undefined : name;
}
