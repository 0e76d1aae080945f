/**
 * Where the logo of an application is: below the issuer, by the digest of the image.
 *
 * @module
 */

/** The path of logos, for routes. */
export const logoPath = '/application-logos';

/** @returns the address of a logo; undefined without one. */
export function logoAddress(digest: string | undefined): string | undefined {
  return digest === undefined ? undefined : `${logoPath}/${digest}`;
}
