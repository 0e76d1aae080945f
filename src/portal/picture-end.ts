/**
 * Where a picture ends in its file: what comes after it is no part of it, and makes the file two things at
 * once, as a picture that is also an archive or a page.
 *
 * Source: PNG (ISO/IEC 15948) sections 5.2 and 5.3; ITU-T T.81 annex B (JPEG); RFC 9649 section 2.3 (WebP).
 *
 * @module
 */

const signatures = {
  png: Buffer.from('89504e470d0a1a0a', 'hex'),
  jpeg: Buffer.from('ffd8ff', 'hex'),
} as const;
const jpegEnd = Buffer.from('ffd9', 'hex');
/** Length, type and checksum of a chunk. */
const chunkBytes = 12;

/**
 * @returns the offset of the first byte after the picture, beyond the file where it is cut short; undefined
 *   where it begins as none of the three.
 */
export function endOfPicture(file: Buffer): number | undefined {
  if (startsWith(file, signatures.png)) return endOfPng(file);
  if (startsWith(file, signatures.jpeg)) return endOfJpeg(file);
  const isWebp =
    file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP';
  return isWebp ? 8 + file.readUInt32LE(4) : undefined;
}

function endOfPng(file: Buffer): number {
  let at = signatures.png.length;
  while (at + chunkBytes <= file.length) {
    const type = file.toString('latin1', at + 4, at + 8);
    at += chunkBytes + file.readUInt32BE(at);
    if (type === 'IEND') return at;
  }
  return file.length + 1;
}

/** The marker of the end is nowhere inside: data escapes it. A preview in the head may have its own. */
function endOfJpeg(file: Buffer): number {
  const last = file.lastIndexOf(jpegEnd);
  return last < 0 ? file.length + 1 : last + jpegEnd.length;
}

function startsWith(file: Buffer, beginning: Buffer): boolean {
  return file.subarray(0, beginning.length).equals(beginning);
}
