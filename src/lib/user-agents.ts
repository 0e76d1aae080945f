/**
 * What a browser says of itself, for people to tell their devices apart. Anybody may send anything, so
 * it decides nothing.
 *
 * Source: RFC 9110 section 10.1.5 (User-Agent).
 *
 * @module
 */

import bowser from 'bowser';

/** Names as their makers write them; undefined where none is known. */
export interface Device {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

const longestCharacters = 512;

/** @returns what can be recognized; never throws. */
export function deviceOf(userAgent: string | undefined): Device {
  const text = userAgent?.slice(0, longestCharacters).trim() ?? '';
  if (text === '') return { browser: undefined, system: undefined }; // bowser throws at it
  const { browser, os } = bowser.parse(text);
  return { browser: browser.name || undefined, system: os.name || undefined };
}
