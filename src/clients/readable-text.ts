/**
 * Whether a text looks like what it is: nothing hidden in it, and no letters of one script passing
 * for those of another.
 *
 * Source: Unicode Technical Standard 39, sections 3.1 (identifier profile) and 5.2 (the level
 * "Highly Restrictive").
 *
 * @module
 */

/**
 * Controls, bidi overrides, zero-width and other format characters, lone surrogates, private and
 * unassigned code points (C); line and paragraph separators; fillers that print as nothing.
 */
const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Scripts that are written together; each set is one writing system. */
const writingSystems = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
  ...[
    ['Arabic', 'Armenian', 'Bengali', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek'],
    ['Gujarati', 'Gurmukhi', 'Hebrew', 'Kannada', 'Khmer', 'Lao', 'Malayalam', 'Mongolian'],
    ['Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu', 'Thaana', 'Thai', 'Tibetan'],
  ]
    .flat()
    .map((script) => [script]),
].map(onlyScripts);

/** @returns whether the text holds a character that a reader does not see. */
export function hasHiddenCharacters(text: string): boolean {
  return hidden.test(text);
}

/**
 * @returns whether all letters belong to one writing system: Latin, one other script, or Chinese,
 *   Japanese or Korean with Latin. Digits, punctuation and signs common to all go with any.
 */
export function usesOneWritingSystem(text: string): boolean {
  return writingSystems.some((system) => system.test(text));
}

function onlyScripts(scripts: readonly string[]): RegExp {
  const letters = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join('');
  return new RegExp(`^[${letters}\\p{Script=Common}\\p{Script=Inherited}]*$`, 'u');
}
