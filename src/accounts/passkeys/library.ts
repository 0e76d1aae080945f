/**
 * The library that reads and checks what passkeys sign. With all that it needs it is large, so it is
 * loaded when a passkey is first met: many processes meet none.
 *
 * @module
 */

import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** Its checks. */
export function webAuthn(): typeof import('@simplewebauthn/server') {
  return load('@simplewebauthn/server');
}

/** Its readers. */
export function webAuthnReaders(): typeof import('@simplewebauthn/server/helpers') {
  return load('@simplewebauthn/server/helpers');
}
