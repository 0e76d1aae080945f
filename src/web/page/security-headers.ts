/**
 * The headers that every response carries, also errors, redirects and 304.
 *
 * A page may show and run what comes from this server and nothing else, may not be framed, and
 * tells no other site where its reader came from.
 *
 * Source: Content Security Policy Level 3; RFC 9700 sections 4.2 and 4.16; RFC 6797 (HSTS).
 *
 * @module
 */

import type Koa from 'koa';

/** @returns the headers of every response; HSTS only where the issuer is https. */
export function securityHeadersOf(issuer: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': permissionsPolicy,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    ...(issuer.startsWith('https:') ? { 'Strict-Transport-Security': oneYear } : {}),
  };
}

/** @returns the headers of an answer to a program, which is never a page. */
export function dataHeadersOf(issuer: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    ...(issuer.startsWith('https:') ? { 'Strict-Transport-Security': oneYear } : {}),
  };
}

/** Sets the headers before anything else runs, so that no later failure goes without them. */
export function securityHeaders({ issuer }: { issuer: string }): Koa.Middleware {
  const headers = securityHeadersOf(issuer);
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}

const oneYear = 'max-age=31536000; includeSubDomains';

const permissionsPolicy = ['camera', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
