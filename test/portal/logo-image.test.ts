/** What becomes a logo, and what does not. */

import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  type LogoFault,
  makeLogo,
  maxPixels,
  maxUploadBytes,
} from '../../src/portal/logo-image.ts';
import { blackPng, picture, svg } from '../support/pictures.ts';

async function madeOf(file: Buffer) {
  const made = await makeLogo(file);
  if (made.outcome !== 'made') throw new Error(made.reason);
  return made.logo;
}

describe('a picture', () => {
  test.each(['png', 'jpeg', 'webp'] as const)('of %s becomes a square of WebP', async (type) => {
    const { image } = await madeOf(await picture(type));
    expect(await sharp(image).metadata()).toMatchObject({
      format: 'webp',
      width: 192,
      height: 192,
    });
  });

  test('that is wide keeps its shape, on a clear ground', async () => {
    const wide = await sharp({
      create: { width: 300, height: 100, channels: 3, background: 'red' },
    })
      .png()
      .toBuffer();
    const { data } = await sharp((await madeOf(wide)).image)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const alphaAt = (row: number) => data[(row * 192 + 96) * 4 + 3];
    expect([alphaAt(0), alphaAt(96), alphaAt(191)]).toEqual([0, 255, 0]);
  });

  test('gives the same address each time, and another picture another', async () => {
    const one = await madeOf(await picture());
    expect((await madeOf(await picture())).digest).toBe(one.digest);
    expect((await madeOf(await picture('png', 128))).digest).not.toBe(one.digest);
  });

  test('brings nothing along: no text, no place, no profile', async () => {
    const secret = 'taken at home';
    const told = await sharp(await picture('jpeg'))
      .withExif({ IFD0: { ImageDescription: secret }, IFD3: { GPSLatitude: '48/1 51/1 30/1' } })
      .toBuffer();
    expect(told.includes(secret)).toBe(true);
    const { image } = await madeOf(told);
    expect(image.includes(secret)).toBe(false);
    expect((await sharp(image).metadata()).exif).toBeUndefined();
  });
});

const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');
const cutShort = (file: Buffer) => file.subarray(0, file.length - 200);
const refusals: [what: string, file: () => Promise<Buffer> | Buffer, reason: LogoFault][] = [
  ['nothing', () => Buffer.alloc(0), 'missing'],
  ['an SVG', () => svg, 'vector'],
  ['an SVG after a byte order mark', () => Buffer.concat([Buffer.from('\ufeff\n'), svg]), 'vector'],
  ['a page', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 'vector'],
  ['an archive', () => zip, 'no_picture'],
  [
    'a GIF',
    async () =>
      sharp(await picture())
        .gif()
        .toBuffer(),
    'no_picture',
  ],
  [
    'a TIFF',
    async () =>
      sharp(await picture())
        .tiff()
        .toBuffer(),
    'no_picture',
  ],
  ['a file too large', () => Buffer.alloc(maxUploadBytes + 1), 'too_large'],
  ['a bomb', () => blackPng(30_000, 8_000), 'too_many_pixels'],
  ['one row too many', () => blackPng(4_096, maxPixels / 4_096 + 1), 'too_many_pixels'],
  ['a dot', () => picture('png', 16), 'too_small'],
  [
    'a PNG that is an archive, too',
    async () => Buffer.concat([await picture(), zip]),
    'more_than_picture',
  ],
  [
    'a JPEG with a page after it',
    async () => Buffer.concat([await picture('jpeg'), svg]),
    'more_than_picture',
  ],
  [
    'a WebP with a page after it',
    async () => Buffer.concat([await picture('webp'), svg]),
    'more_than_picture',
  ],
  ['half a PNG', async () => cutShort(await picture()), 'broken'],
  ['half a WebP', async () => cutShort(await picture('webp', 1_024)), 'broken'],
  [
    'half a JPEG, closed',
    async () => Buffer.concat([cutShort(await picture('jpeg', 512)), Buffer.from('ffd9', 'hex')]),
    'broken',
  ],
  ['the beginning of a PNG', async () => (await picture()).subarray(0, 8), 'broken'],
  ['the beginning of a WebP', async () => (await picture('webp')).subarray(0, 13), 'broken'],
];
// SVG is read by the decoder that made the GIF above; none is after the first logo.
const files = await Promise.all(refusals.map(async ([, file]) => file()));

test.each(refusals.map(([what, , reason], index) => [what, reason, index] as const))(
  '%s is refused: %s',
  async (_what, reason, index) => {
    expect(await makeLogo(files[index] ?? Buffer.alloc(0))).toEqual({ outcome: 'refused', reason });
  },
);

test('no byte of a picture changed at random makes anything but a logo or a refusal', async () => {
  const whole = await picture('png', 64);
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 120)) {
    const file = Buffer.from(whole);
    file[at] = (file[at] ?? 0) ^ 0xff;
    expect((await makeLogo(file)).outcome).toBeOneOf(['made', 'refused']);
  }
});
