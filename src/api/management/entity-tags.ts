/**
 * Entity tags: a digest of what is shown, so what looks the same has the same tag on every node.
 *
 * Source: RFC 9110 section 8.8.3.
 *
 * @module
 */

import { sha256 } from '../../lib/secrets.ts';

/** The strong tag of an answer's JSON. */
export function entityTag(json: string): string {
  return `"${sha256(json).subarray(0, 16).toString('base64url')}"`;
}
