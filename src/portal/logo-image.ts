/**
 * Makes a logo from an uploaded picture: decoded, made a square, and encoded anew, so nothing of the file
 * itself is ever served. Its size is bounded before anything reads it, its pixels before they are decoded.
 *
 * The decoder reads PNG, JPEG and WebP and nothing else; it could read SVG, which is a program.
 *
 * @module
 */

import type { Sharp, SharpOptions } from 'sharp';
import { limitConcurrency } from '../lib/concurrency-limit.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Logo } from '../storage/clients/client-logos.ts';
import { endOfPicture } from './picture-end.ts';

/** How large an uploaded file may be, in bytes. */
export const maxUploadBytes = 512 * 1024;
/** How many pixels it may have, and how many along one side at least. */
export const maxPixels = 4096 * 2048;
export const minSide = 48;

/** Why a file gives no logo. */
export type LogoFault =
  | 'missing'
  | 'too_large'
  /** An SVG, or another text. */
  | 'vector'
  | 'no_picture'
  /** A picture, and then something else. */
  | 'more_than_picture'
  | 'too_many_pixels'
  | 'too_small'
  /** It begins as a picture, and cannot be decoded. */
  | 'broken';

/** What came of a file. */
export type MadeLogo =
  | { readonly outcome: 'made'; readonly logo: Logo }
  | { readonly outcome: 'refused'; readonly reason: LogoFault };

/** The side of a logo, in pixels: twice that of the largest picture on a page. */
const side = 192;
/** The media type of what is made. */
export const logoType = 'image/webp';
const secondsToDecode = 5;
const oneByOne = limitConcurrency(1); // tens of megabytes each

/** Makes a logo of a file. */
export async function makeLogo(file: Buffer): Promise<MadeLogo> {
  if (file.length === 0) return refused('missing');
  if (file.length > maxUploadBytes) return refused('too_large');
  const end = endOfPicture(file);
  if (end === undefined) return refused(isMarkup(file) ? 'vector' : 'no_picture');
  if (end !== file.length) return refused(end < file.length ? 'more_than_picture' : 'broken');
  return oneByOne(() => decode(file));
}

async function decode(file: Buffer): Promise<MadeLogo> {
  const open = await loadDecoder();
  let size: { width: number; height: number };
  try {
    size = await open(file, { limitInputPixels: false }).metadata(); // reads the head alone
  } catch {
    return refused('broken');
  }
  if (size.width * size.height > maxPixels) return refused('too_many_pixels');
  if (Math.min(size.width, size.height) < minSide) return refused('too_small');
  try {
    const fit = { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    const image = await open(file, { limitInputPixels: maxPixels })
      .autoOrient()
      .resize(side, side, fit)
      .webp({ quality: 90, alphaQuality: 90 })
      .timeout({ seconds: secondsToDecode })
      .toBuffer();
    return { outcome: 'made', logo: { digest: sha256(image).toString('base64url'), image } };
  } catch {
    return refused('broken');
  }
}

/** Loads the library with the first logo: most processes never need it. */
async function loadDecoder(): Promise<(file: Buffer, limits: SharpOptions) => Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.block({ operation: ['VipsForeignLoad'] });
  const readers = ['Png', 'Jpeg', 'Webp'].map((name) => `VipsForeignLoad${name}Buffer`);
  sharp.unblock({ operation: readers });
  sharp.cache(false);
  sharp.concurrency(1);
  return (file, limits) => sharp(file, { ...limits, failOn: 'warning', pages: 1 });
}

function isMarkup(file: Buffer): boolean {
  return /^\s*(?:\ufeff\s*)?</.test(file.subarray(0, 256).toString('utf8'));
}

function refused(reason: LogoFault): MadeLogo {
  return { outcome: 'refused', reason };
}
