/**
 * The schemes of its own that a native application may have its user sent back to: a reversed domain
 * name, which says whose it is, or one of a list of schemes without a dot that known editors use.
 *
 * Source: RFC 8252 section 7.1; config/redirect-schemes.json.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** RFC 8252 section 7.1: the reversed name of a domain, so two labels or more. */
const reversedDomain = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/;

/** Has the form of a reversed domain, but opens the settings of macOS. */
const systemSchemes = ['x-apple.systempreferences'];

const file = new URL('../../config/redirect-schemes.json', import.meta.url);
const list = z.object({ schemes: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)) });
const known = new Set(list.parse(JSON.parse(readFileSync(file, 'utf8'))).schemes);

/** Whether it is the scheme of a known editor. @param protocol a scheme with its colon, in small letters. */
export function isEditorScheme(protocol: string): boolean {
  return known.has(protocol.replace(/:$/, ''));
}

/** @param protocol a scheme with its colon, in small letters, as `URL` gives it. */
export function isPrivateUseScheme(protocol: string): boolean {
  const scheme = protocol.replace(/:$/, '');
  if (known.has(scheme)) return true;
  return reversedDomain.test(scheme) && !systemSchemes.includes(scheme);
}
