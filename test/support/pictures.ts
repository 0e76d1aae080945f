/** Pictures that a developer may upload, and such as no developer does. */

import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** A square of one colour with a hole in it. */
export function picture(type: 'png' | 'jpeg' | 'webp' = 'png', side = 256): Promise<Buffer> {
  const hole = { width: side / 4, height: side / 4, channels: 4, background: '#ffffff' } as const;
  return sharp({ create: { width: side, height: side, channels: 4, background: '#0a7d5a' } })
    .composite([{ input: { create: hole }, gravity: 'centre' }])
    .toFormat(type)
    .toBuffer();
}

/** A black picture, one bit a pixel: a small file of very many pixels. */
export function blackPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** An image that is a program. */
export const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>',
);
