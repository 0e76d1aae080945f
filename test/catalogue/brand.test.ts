/** A platform's own face: what a brand file may say, and that its colours can always be read. */

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modeLrgb, modeRgb, useMode, wcagContrast } from 'culori/fn';
import { afterAll, describe, expect, test } from 'vitest';
import { accentColours, accentFault, schemes } from '../../src/catalogue-files/accent.ts';
import { CatalogueError } from '../../src/catalogue-files/faults.ts';
import { defaultDirectory, loadWithBrand } from '../../src/catalogue-files/load.ts';
import { ownBrand } from '../../src/catalogue-files/load-brand.ts';
import { readStylesheet } from '../../src/web/page/assets.ts';
import { change, copy } from './copies.ts';

useMode(modeRgb);
useMode(modeLrgb);

const workbench = join(import.meta.dirname, 'workbench');
const directory = mkdtempSync(join(tmpdir(), 'usher-brand-'));
afterAll(() => rmSync(directory, { recursive: true }));

const logos: Record<string, string | Buffer> = {
  'logo.svg': '<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
  'logo.png': Buffer.from('89504e470d0a1a0a00', 'hex'),
  'page.svg': '<html><svg/></html>',
  'text.png': 'GIF89a',
  'large.svg': `<svg>${' '.repeat(262_144)}</svg>`,
};
for (const [name, content] of Object.entries(logos)) writeFileSync(join(directory, name), content);

function load(brand: unknown, catalogue = defaultDirectory) {
  const path = join(directory, 'brand.json');
  writeFileSync(path, typeof brand === 'string' ? brand : JSON.stringify(brand));
  return loadWithBrand(catalogue, path);
}

function faultsOf(brand: unknown, catalogue?: string): string[] {
  try {
    load(brand, catalogue);
    return [];
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    return error.faults.map(({ file, path, message }) => `${file} ${path}: ${message}`);
  }
}

test('a catalogue without a brand has the look of Usher', () => {
  expect(loadWithBrand(defaultDirectory).brand).toBe(ownBrand);
  expect(ownBrand).toMatchObject({ name: 'Usher', links: {} });
  expect(ownBrand.colours.dark.accent).toBe(own.dark['accent']);
});

test('a brand.json beside the catalogue is used, unless another file is named', () => {
  expect(loadWithBrand(workbench).brand.name).toBe('Workbench');
  expect(load({ name: 'Other' }, workbench).brand).toMatchObject({ name: 'Other', links: {} });
});

test('the brand is not part of the rules: the digest stays', () => {
  const other = copy(workbench);
  change(other, 'brand.json', (json) => (json.name = 'Bench'));
  const [one, two] = [workbench, other].map((path) => loadWithBrand(path).catalogue.digest);
  expect(two).toBe(one);
});

test.each(['logo.svg', 'logo.png'])('%s can be a logo', (logo) => {
  expect(load({ name: 'X', logo }).brand.logo?.body.length).toBeGreaterThan(5);
});

describe('refused at the start', () => {
  test.each<[what: string, brand: object, fault: string]>([
    [
      'an unknown property',
      { nmae: 'X' },
      'brand.json : there is no property "nmae"; did you mean "name"?',
    ],
    ['a name with markup', { name: '<b>' }, 'brand.json name: must be plain text of one line'],
    ['a name that turns the text around', { name: 'a\u202eb' }, 'brand.json name: must be plain'],
    ['a logo elsewhere', { logo: '../logo.svg' }, 'brand.json logo: must be the name of an svg'],
    ['a logo by address', { logo: 'https://a.test/logo.svg' }, 'brand.json logo: must be the name'],
    ['a logo that is missing', { logo: 'none.svg' }, 'brand.json logo: none.svg is missing'],
    ['a page as a logo', { logo: 'page.svg' }, 'brand.json logo: page.svg is not image/svg+xml'],
    ['another kind of image', { logo: 'text.png' }, 'brand.json logo: text.png is not image/png'],
    ['a large logo', { logo: 'large.svg' }, 'large.svg is 262155 bytes long; 262144 are the most'],
    ['a dark logo alone', { logoDark: 'logo.svg' }, 'brand.json logoDark: is of no use without'],
    [
      'a link that runs',
      { links: { terms: 'javascript:alert(1)' } },
      'brand.json links.terms: must be an https address',
    ],
    [
      'a link in clear',
      { links: { status: 'http://a.test' } },
      'brand.json links.status: must be an https address',
    ],
    [
      'a mail with a text',
      { links: { support: 'mailto:a@b.test?bcc=c@d.test' } },
      'brand.json links.support: must be',
    ],
    [
      'a colour by name',
      { accent: { light: 'red', dark: '#ffffff' } },
      'brand.json accent.light: must be a colour',
    ],
    [
      'a pale accent',
      { accent: { light: '#ffcc00', dark: '#ffcc00' } },
      "brand.json accent.light: #ffcc00 can't be read on the light sunken (1.34 to 1, 4.5 to 1 is needed: WCAG 2.2, 1.4.3); the nearest that passes is #8b6900",
    ],
    [
      'a deep accent on dark',
      { accent: { light: '#5a3fd0', dark: '#5a3fd0' } },
      "brand.json accent.dark: #5a3fd0 can't be read on the dark sunken",
    ],
  ])('%s', (_what, brand, fault) => {
    const faults = faultsOf({ name: 'X', ...brand });
    expect(faults.filter((line) => line.includes(fault))).toEqual(faults);
    expect(faults).toHaveLength(1);
  });

  test('no JSON, and no file', () => {
    expect(faultsOf('{')).toEqual([expect.stringContaining('brand.json : is not JSON')]);
    expect(() => loadWithBrand(defaultDirectory, join(directory, 'gone.json'))).toThrow(
      'gone.json: is missing',
    );
  });

  test('with all faults of the brand and of the catalogue at once', () => {
    const broken = copy();
    change(broken, 'scopes.json', (json) => (json.scopes[0].effect = 'nothing'));
    const faults = faultsOf(
      { name: '<b>', logo: 'gone.svg', accent: { light: '#ffffff', dark: '#000000' } },
      broken,
    );
    expect(faults.map((line) => line.split(':')[0])).toEqual([
      'scopes.json scopes[0].effect',
      'brand.json name',
      'brand.json logo',
      'brand.json accent.light',
      'brand.json accent.dark',
    ]);
  });
});

/** As in test/web/contrast.test.ts, with what follows from an accent in its place. */
const [lightCss = '', darkCss = ''] = readStylesheet().split('@media (prefers-color-scheme: dark)');
const tokens = (css: string) =>
  Object.fromEntries(
    Array.from(css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, a, b]) => [a, b]),
  );
const own = { light: tokens(lightCss), dark: { ...tokens(lightCss), ...tokens(darkCss) } };

const texts: [ground: string, inks: string[]][] = [
  ['page', ['accent', 'accent-hover']],
  ['surface', ['accent', 'accent-hover']],
  ['sunken', ['accent', 'accent-hover']],
  ['accent-wash', ['ink', 'ink-soft', 'accent', 'red']],
  ['accent', ['on-accent']],
  ['accent-hover', ['on-accent']],
];

/** 512 colours, evenly over all there are. */
const steps = [0, 36, 73, 109, 146, 182, 219, 255];
const hex = (share: number) => share.toString(16).padStart(2, '0');
const all = steps.flatMap((r) =>
  steps.flatMap((g) => steps.map((b) => `#${hex(r)}${hex(g)}${hex(b)}`)),
);

describe.each(schemes)('%s', (scheme) => {
  test('every accent that is taken, and every one that is advised, can be read wherever it is used', () => {
    const unreadable: string[] = [];
    let refused = 0;
    for (const wanted of all) {
      const fault = accentFault(scheme, wanted);
      if (fault) refused += 1;
      const accent = fault?.nearest ?? wanted;
      const colours: Record<string, string> = { ...own[scheme], ...accentColours(scheme, accent) };
      for (const [ground, inks] of texts) {
        for (const ink of inks) {
          const contrast = wcagContrast(colours[ink] ?? '', colours[ground] ?? '');
          if (!(contrast >= 4.5)) unreadable.push(`${wanted} ${ink} on ${ground}: ${contrast}`);
        }
      }
    }
    expect(unreadable).toEqual([]);
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(all.length - 50);
  });

  test('a hue that is refused keeps its hue in the advice', () => {
    const advice = accentFault(scheme, scheme === 'light' ? '#ff9900' : '#663300')?.nearest ?? '';
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) =>
      Number.parseInt(advice.slice(at, at + 2), 16),
    );
    expect(r > g && g > b).toBe(true);
  });
});

test("Usher's own accents would be taken", () => {
  expect(schemes.map((scheme) => accentFault(scheme, own[scheme]['accent'] ?? ''))).toEqual([
    undefined,
    undefined,
  ]);
});

test('a copy of a catalogue takes its brand with it', () => {
  const moved = join(directory, 'moved');
  cpSync(workbench, moved, { recursive: true });
  expect(loadWithBrand(moved).brand.logo?.type).toBe('image/svg+xml');
});
