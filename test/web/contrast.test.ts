/**
 * The colours of the pages can be told apart, by light and by dark: WCAG 2.2 success criteria 1.4.3
 * (text, 4.5 to 1), 1.4.11 (borders of fields, the ring of the focus, 3 to 1).
 */

import { describe, expect, test } from 'vitest';
import { readStylesheet } from '../../src/web/page/assets.ts';

const css = readStylesheet();
const [lightCss = '', darkCss = ''] = css.split('@media (prefers-color-scheme: dark)');

type Colours = ReadonlyMap<string, string>;

/** The colours by name, as the first rule of a part of the stylesheet sets them. */
function coloursOf(part: string): Colours {
  const rule = part.slice(part.indexOf(':root'), part.indexOf('}', part.indexOf(':root')));
  const set = rule.matchAll(/--([\w-]+): #([0-9a-f]{6});/g);
  return new Map(Array.from(set, ([, name = '', hex = '']) => [name, hex]));
}

const light = coloursOf(lightCss);
const schemes: [scheme: string, colours: Colours][] = [
  ['light', light],
  ['dark', new Map([...light, ...coloursOf(darkCss)])],
];

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(colours: Colours, one: string, other: string): number {
  const [dark = 0, bright = 0] = [one, other]
    .map((name) => luminance(colours.get(name) ?? expect.fail(`there is no colour ${name}`)))
    .toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** Texts by the ground they stand on. */
const texts: Record<string, string[]> = {
  page: ['ink', 'ink-soft', 'accent', 'accent-hover'],
  surface: ['ink', 'ink-soft', 'accent', 'accent-hover', 'red'],
  sunken: ['ink', 'ink-soft', 'accent', 'accent-hover'],
  'accent-wash': ['ink', 'ink-soft', 'accent', 'red'],
  'amber-wash': ['amber'],
  'red-wash': ['ink', 'ink-soft', 'red'],
  accent: ['on-accent'],
  'accent-hover': ['on-accent'],
  red: ['on-red'],
};

describe.each(schemes)('%s', (_scheme, colours) => {
  test.each(Object.entries(texts))('text on %s', (ground, inks) => {
    for (const ink of inks) {
      expect(contrast(colours, ink, ground), ink).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(['page', 'surface', 'sunken'])('borders of fields, and the focus, on %s', (ground) => {
    for (const line of ['line-strong', 'accent']) {
      expect(contrast(colours, line, ground), line).toBeGreaterThanOrEqual(3);
    }
  });
});

test('whatever has the focus is ringed with the full accent', () => {
  const rings = Array.from(css.matchAll(/outline: ([^;]+);/g), ([, ring]) => ring);
  expect(rings.length).toBeGreaterThan(2);
  for (const ring of rings) expect(ring).toMatch(/^(none|\dpx solid var\(--accent\))$/);
  expect(rings.filter((ring) => ring === 'none')).toHaveLength(1); // main, which only the skip link reaches
});
