/**
 * The face of the platform: its logo, from our own origin, and its colours.
 *
 *   GET /brand/logo        an image for `<img>`; opened by itself, it can neither run nor load anything
 *   GET /brand/logo-dark   the same for a dark ground
 *
 * Source: Content Security Policy Level 3 (sandbox); SVG 2 section 2.2 (an image runs no script).
 *
 * @module
 */

import type Router from '@koa/router';
import { brand } from '../../catalogue/catalogue.ts';
import { type AccentColours, ownColours } from '../../catalogue-files/accent.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { type Asset, sendAsset, toAsset } from './assets.ts';

/** The icon of the site in the list of tabs; a logo with a name in it is too wide for that. */
export const icon =
  brand.logo === undefined || brand.logoSaysName
    ? { href: '/assets/usher.svg', type: 'image/svg+xml' }
    : { href: '/brand/logo', type: brand.logo.type };

const logoPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/** The routes of `/brand`; there are none for Usher's own look. */
export function brandRoutes(): Router {
  const router = strictRouter();
  const images = { '/brand/logo': brand.logo, '/brand/logo-dark': brand.logoDark };
  for (const [path, image] of Object.entries(images)) {
    if (image === undefined) continue;
    const asset: Asset = toAsset(image.type, image.body);
    router.get(path, (ctx) => {
      ctx.set('Content-Security-Policy', logoPolicy);
      sendAsset(ctx, asset);
    });
  }
  return router;
}

/** @returns the rules that come after the stylesheet; empty for Usher's own colours. */
export function brandStyles(): string {
  const { colours } = brand;
  if (colours === ownColours) return '';
  const light = ruleOf(colours.light);
  return `${light}\n@media (prefers-color-scheme: dark) {\n${ruleOf(colours.dark)}\n}\n`;
}

function ruleOf(colours: AccentColours): string {
  const tokens = Object.entries(colours).map(([name, colour]) => `--${name}: ${colour};`);
  return `:root { ${tokens.join(' ')} }`;
}
