/**
 * The form of `brand.json`: how a platform's pages and mails look.
 *
 * @module
 */

import { z } from 'zod';

/** The largest logo: it is sent with every first page. */
export const largestLogoBytes = 262_144;

const plain = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[^\p{C}<>{}%\s](?:[^\p{C}<>{}%]*[^\p{C}<>{}%\s])?$/u, 'must be plain text of one line');
const image = z
  .string()
  .max(100)
  .regex(
    /^\w[\w.-]*\.(svg|png|webp|jpe?g)$/,
    'must be the name of an svg, png, webp or jpg file beside this one',
  );
const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #15604f');

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname));
}

const address = z
  .string()
  .max(500)
  .refine(isWebAddress, 'must be an https address (http on loopback)');
const support = z
  .string()
  .max(500)
  .refine(
    (text) => isWebAddress(text) || /^mailto:[^\s@?&]+@[^\s@?&]+$/.test(text),
    'must be an https address, or mailto: and an e-mail address',
  );

/** What is not said stays as Usher looks by itself. */
export const brandFile = z.strictObject({
  $schema: z.string().optional(),
  name: plain,
  logo: image.optional(),
  logoDark: image.optional(),
  logoSaysName: z.boolean().optional(),
  accent: z.strictObject({ light: colour, dark: colour }).optional(),
  links: z
    .strictObject({
      console: address.optional(),
      terms: address.optional(),
      privacy: address.optional(),
      support: support.optional(),
      status: address.optional(),
    })
    .optional(),
});

/** What is left of it without the parts that have faults. */
export const brandParts = brandFile.partial();

/** What a brand file says. */
export type BrandFile = z.output<typeof brandParts>;
