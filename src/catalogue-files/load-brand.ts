/**
 * Reads a brand: the file, its logo, and whether its colours can be read.
 *
 * @module
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import {
  type AccentColours,
  accentColours,
  accentFault,
  ownColours,
  type Scheme,
  schemes,
} from './accent.ts';
import { type BrandFile, brandFile, brandParts, largestLogoBytes } from './brand-file.ts';
import type { Fault } from './faults.ts';
import { readJson } from './read-files.ts';

/** An image that is shown, and never run. */
interface Logo {
  readonly body: Buffer;
  readonly type: string;
}

/** How the pages and mails of a platform look. */
export interface Brand {
  readonly name: string;
  /** Undefined: Usher's own. */
  readonly logo?: Logo | undefined;
  /** The logo on a dark ground, where it is another one. */
  readonly logoDark?: Logo | undefined;
  /** Whether the name can be read in the logo. */
  readonly logoSaysName: boolean;
  readonly colours: Readonly<Record<Scheme, AccentColours>>;
  readonly links: NonNullable<BrandFile['links']>;
}

/** How Usher looks by itself. */
export const ownBrand: Brand = {
  name: 'Usher',
  logoSaysName: false,
  colours: ownColours,
  links: {},
};

/** @returns the file of a brand beside a catalogue; undefined when there is none. */
export function brandBeside(catalogueDirectory: string): string | undefined {
  const path = join(catalogueDirectory, 'brand.json');
  return existsSync(path) ? path : undefined;
}

/** A brand, or everything that is wrong with it. */
export interface ReadBrand {
  readonly brand?: Brand;
  readonly faults: readonly Fault[];
}

/** @param path of the file; images are beside it. */
export function readBrand(path: string): ReadBrand {
  const file = basename(path);
  const { content, faults: found } = readJson<BrandFile>(path, file, brandFile, brandParts);
  if (content === undefined) return { faults: found };
  const faults = [...found];
  const logoOf = (property: 'logo' | 'logoDark'): Logo | undefined => {
    const name = content[property];
    if (name === undefined) return undefined;
    const logo = readLogo(join(dirname(path), name));
    if (typeof logo !== 'string') return logo;
    faults.push({ file, path: property, message: logo });
    return undefined;
  };
  const [logo, logoDark] = [logoOf('logo'), logoOf('logoDark')];
  if (content.logo === undefined && content.logoDark !== undefined) {
    faults.push({ file, path: 'logoDark', message: 'is of no use without "logo"' });
  }
  faults.push(...accentFaults(file, content.accent));
  if (faults.length > 0) return { faults };
  const { name = ownBrand.name, logoSaysName = false, links = {}, accent } = content;
  const colours =
    accent === undefined
      ? ownColours
      : {
          light: accentColours('light', accent.light),
          dark: accentColours('dark', accent.dark),
        };
  return { brand: { name, logo, logoDark, logoSaysName, colours, links }, faults };
}

function accentFaults(file: string, accent: BrandFile['accent'] | undefined): Fault[] {
  return schemes.flatMap((scheme) => {
    const fault = accent?.[scheme] && accentFault(scheme, accent[scheme]);
    if (!fault) return [];
    const message =
      `${accent[scheme]} can't be read on the ${scheme} ${fault.ground} (${fault.contrast} to 1, ` +
      `4.5 to 1 is needed: WCAG 2.2, 1.4.3); the nearest that passes is ${fault.nearest}`;
    return [{ file, path: `accent.${scheme}`, message }];
  });
}

/** How files of each kind begin; an SVG may have a declaration, comments and a document type first. */
const kinds: Readonly<Record<string, { readonly type: string; readonly begins: RegExp }>> = {
  '.svg': {
    type: 'image/svg+xml',
    begins:
      /^(?:\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>[]*>\s*)*<svg[\s>]/,
  },
  '.png': { type: 'image/png', begins: /^\u0089PNG\r\n/ },
  '.webp': { type: 'image/webp', begins: /^RIFF[\s\S]{4}WEBP/ },
  '.jpg': { type: 'image/jpeg', begins: /^\u00ff\u00d8\u00ff/ },
};

/** @returns the image, or what is wrong with it. */
function readLogo(path: string): Logo | string {
  const kind = kinds[extname(path).replace('.jpeg', '.jpg')];
  if (kind === undefined) return 'is of a kind that is not shown';
  try {
    const { size } = statSync(path);
    if (size > largestLogoBytes) {
      return `${basename(path)} is ${size} bytes long; ${largestLogoBytes} are the most`;
    }
    const body = readFileSync(path);
    if (!kind.begins.test(body.toString('latin1'))) return `${basename(path)} is not ${kind.type}`;
    return { body, type: kind.type };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${basename(path)} ${code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`}`;
  }
}
