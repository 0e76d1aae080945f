/**
 * The colours that follow from a platform's accent, and whether they can be read.
 *
 * The accent is the colour of links, of what is done, and of the ring around the focus; it is the ground of
 * buttons. The other colours of the pages stay as they are, and are read from the stylesheet.
 *
 * Source: WCAG 2.2 success criteria 1.4.3 (text: 4.5 to 1) and 1.4.11 (the focus: 3 to 1).
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatHex,
  interpolate,
  modeLrgb,
  modeOklab,
  modeOklch,
  modeRgb,
  toGamut,
  useMode,
  wcagContrast,
} from 'culori/fn';

useMode(modeRgb);
useMode(modeLrgb);
useMode(modeOklab);
const oklch = useMode(modeOklch);
const inGamut = toGamut('rgb', 'oklch');

/** How bright the reader's screen is. */
export const schemes = ['light', 'dark'] as const;
export type Scheme = (typeof schemes)[number];

/** The colours of one scheme that follow from the accent, by the names of their tokens. */
export interface AccentColours {
  readonly accent: string;
  readonly 'accent-hover': string;
  readonly 'on-accent': string;
  readonly 'accent-wash': string;
}

const tokensFile = join(import.meta.dirname, '../../views/assets/styles/10-tokens.css');

type Tokens = Readonly<Record<string, string>>;

/** The colours of the stylesheet by token, in each scheme; read once. */
const tokens = ((): Readonly<Record<Scheme, Tokens>> => {
  const [light = '', dark = ''] = readFileSync(tokensFile, 'utf8').split('@media');
  const read = (css: string) =>
    Object.fromEntries(
      Array.from(css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, a, b]) => [a, b]),
    );
  return { light: read(light), dark: { ...read(light), ...read(dark) } };
})();

const token = (scheme: Scheme, name: string): string => tokens[scheme][name] ?? '#000000';

const ownColoursOf = (scheme: Scheme): AccentColours => ({
  accent: token(scheme, 'accent'),
  'accent-hover': token(scheme, 'accent-hover'),
  'on-accent': token(scheme, 'on-accent'),
  'accent-wash': token(scheme, 'accent-wash'),
});

/** Usher's own. */
export const ownColours = { light: ownColoursOf('light'), dark: ownColoursOf('dark') };

/** The grounds on which links and other words of the accent are read. */
const grounds = ['page', 'surface', 'sunken'] as const;
/** What is read on the washed ground, beside the accent. */
const washed = ['ink', 'ink-soft', 'red'] as const;
const readable = 4.5;

const isReadable = (text: string, ground: string) => wcagContrast(text, ground) >= readable;

/** Where the accent cannot be read; undefined when it can. */
export interface AccentFault {
  /** The ground with the least contrast, and how much there is, such as 2.31. */
  readonly ground: string;
  readonly contrast: number;
  /** The nearest colour of the same hue that can be read. */
  readonly nearest: string;
}

/** @param accent `#rrggbb`. */
export function accentFault(scheme: Scheme, accent: string): AccentFault | undefined {
  if (passes(scheme, accent)) return undefined;
  const contrasts = grounds.map((ground) => ({
    ground,
    contrast: wcagContrast(accent, token(scheme, ground)),
  }));
  const [worst] = contrasts.toSorted((one, other) => one.contrast - other.contrast);
  return {
    ground: worst?.ground ?? '',
    contrast: Math.floor((worst?.contrast ?? 0) * 100) / 100,
    nearest: nearestReadable(scheme, accent),
  };
}

function passes(scheme: Scheme, accent: string): boolean {
  return grounds.every((ground) => isReadable(accent, token(scheme, ground)));
}

/** Darker on a light ground and lighter on a dark one, with the hue as it is. */
function nearestReadable(scheme: Scheme, accent: string): string {
  const from = oklch(accent) ?? { mode: 'oklch', l: 0.5, c: 0 };
  const at = (l: number) => formatHex(inGamut({ ...from, l }));
  let [bad, good] = [from.l, scheme === 'light' ? 0 : 1];
  while (Math.abs(bad - good) > 0.001) {
    const middle = (bad + good) / 2;
    if (passes(scheme, at(middle))) good = middle;
    else bad = middle;
  }
  return at(good);
}

/** @param accent one that `accentFault` finds nothing about. */
export function accentColours(scheme: Scheme, accent: string): AccentColours {
  const isLight = scheme === 'light';
  const away = isLight ? '#000000' : '#ffffff';
  return {
    accent: accent.toLowerCase(),
    'accent-hover': mix(accent, away, 0.25),
    'on-accent': isLight ? '#ffffff' : token('dark', 'page'),
    'accent-wash': washOf(scheme, accent),
  };
}

/** The surface with as much of the accent as leaves everything on it readable. */
function washOf(scheme: Scheme, accent: string): string {
  const surface = token(scheme, 'surface');
  const texts = [accent, ...washed.map((name) => token(scheme, name))];
  for (let share = scheme === 'light' ? 0.12 : 0.2; share > 0; share -= 0.01) {
    const wash = mix(surface, accent, share);
    if (texts.every((text) => isReadable(text, wash))) return wash;
  }
  return surface;
}

function mix(one: string, other: string, share: number): string {
  return formatHex(interpolate([one, other], 'oklab')(share));
}
