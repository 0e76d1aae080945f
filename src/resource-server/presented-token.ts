/**
 * The access token that a request presents: in the Authorization header, nowhere else, and one.
 *
 * A token in the query or in a form is not looked at: addresses end up in logs, and two ways to
 * send one are two answers (RFC 6750 section 2, RFC 9700 section 4.3.2).
 *
 * Source: RFC 6750 section 2.1, RFC 9449 section 7.1.
 *
 * @module
 */

/** How a token can be presented. */
export type Scheme = 'Bearer' | 'DPoP';

/** The token in the header; other schemes count as no token. */
export type PresentedToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly scheme: Scheme }
  | { readonly kind: 'token'; readonly scheme: Scheme; readonly token: string };

/**
 * @param header the value of Authorization; several are joined by commas, and refused.
 */
export function readAuthorization(header: string | undefined): PresentedToken {
  const [, word] = /^(bearer|dpop)(?: |$)/i.exec(header ?? '') ?? [];
  if (header === undefined || word === undefined) return { kind: 'none' };
  const scheme = word.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  // Longer than any token of Usher's: refused before it is asked about.
  const [, token] = /^\w+ +([A-Za-z0-9._~+/-]{1,990}={0,9})$/.exec(header) ?? [];
  return token === undefined ? { kind: 'malformed', scheme } : { kind: 'token', scheme, token };
}
