/**
 * A mail, and how one is written: out of message files, as plain text and as HTML with one link.
 *
 *     subject   one line
 *     lead      what happened, or what is asked
 *     button    what its link is for, where there is one
 *     after     how long it works, and what to do if it was not asked for
 *
 * Whatever is put into these texts says which kind of thing it is, and is made harmless by its kind:
 * nothing that somebody else chose breaks a line, and no mail program makes a link of it.
 *
 * Source: RFC 5322 section 2.2 (a header is one line), RFC 2047 (encoded words).
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import ejs from 'ejs';
import { brand as platformBrand } from '../catalogue/catalogue.ts';
import type { Brand } from '../catalogue-files/load-brand.ts';
import { nameFault } from '../clients/name-rule.ts';
import { deviceText } from '../lib/device-text.ts';
import { normalizeEmail } from '../lib/email-address.ts';
import { toHtml } from '../lib/markup.ts';
import type { MessageBook, Messages } from '../lib/messages.ts';

/** A mail to one address; both parts say the same. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What every mail is written with. */
export interface MailParts {
  /** The address of Usher, without a slash at its end. */
  readonly issuer: string;
  readonly messages: MessageBook;
  /** How it looks; without it as this process' pages do. */
  readonly brand?: Brand;
}

/**
 * A value in the text of a mail: what people chose as a name, a mail address, what a browser says it is,
 * an IP address (`unknown` where it is none), a moment, or a number.
 */
export type MailValue =
  | { readonly name: string }
  | { readonly email: string }
  | { readonly userAgent: string | undefined }
  | { readonly address: string | undefined }
  | { readonly time: Date }
  | { readonly count: number };

/** One mail to be written. */
export interface MailWish {
  /** In its normal form. */
  readonly to: string;
  /** The keys of its texts. */
  readonly texts: {
    readonly subject: string;
    readonly lead: string;
    readonly button?: string;
    readonly after: string;
  };
  readonly values?: Readonly<Record<string, MailValue>>;
  /** Where its button leads, below the address of Usher; undefined: it has none. */
  readonly path?: string;
  /** Of the reader, where it is known. */
  readonly locale?: string | undefined;
}

/** @throws {RangeError} the address is not in its normal form, or a text lacks a value. */
export function writeMail(
  { issuer, messages, brand = platformBrand }: MailParts,
  wish: MailWish,
): Mail {
  const { to, texts, path } = wish;
  if (normalizeEmail(to) !== to) throw new RangeError('mail goes to an address in its normal form');
  const t = wholeLanguage(messages, wish);
  const values = readable(t, wish.values ?? {});
  const say = (key: string) => t.text(key, values);
  const [subject, lead, after] = [say(texts.subject), say(texts.lead), say(texts.after)];
  const link = texts.button && { href: `${issuer}${path ?? '/'}`, label: say(texts.button) };
  const { host } = new URL(issuer);
  const { name: product } = brand;
  const footer = t.text('mail-layout.footer', { host });
  const links = linksOf(t, brand);
  const addresses = links.map(({ label, href: address }) =>
    t.text('mail-layout.link', { label, address: address.replace(/^mailto:/, '') }),
  );
  const paragraphs = [lead, link && `${link.label}:\n${link.href}`, after];
  return {
    to,
    subject,
    text: `${paragraphs.filter(Boolean).join('\n\n')}\n\n-- \n${[footer, ...addresses].join('\n')}\n`,
    html: page()({ t, subject, lead, link, after, footer, links, product, ...brand.colours }),
  };
}

/** A mail is in one language: the reader's, where that has all of its texts. */
function wholeLanguage(messages: MessageBook, { locale, texts }: MailWish): Messages {
  const wanted = messages.in(locale);
  const isWhole = Object.values(texts).every((key) => wanted.has(key));
  return isWhole ? wanted : messages.in(undefined);
}

/** Where the reader finds help and the small print, where the platform says so. */
function linksOf(t: Messages, { links: { support, terms, privacy } }: Brand) {
  const all = [
    { href: support, label: t.text('layout.support') },
    { href: terms, label: t.text('layout.terms') },
    { href: privacy, label: t.text('layout.privacy') },
  ];
  return all.flatMap(({ href, label }) => (href === undefined ? [] : [{ href, label }]));
}

function readable(t: Messages, values: Readonly<Record<string, MailValue>>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, readableValue(t, value)]),
  );
}

function readableValue(t: Messages, value: MailValue): string | number {
  if ('name' in value) return harmlessName(value.name);
  if ('email' in value) return normalizeEmail(value.email) ?? '';
  if ('userAgent' in value) return harmlessName(deviceText(t, value.userAgent));
  if ('address' in value) return isIP(value.address ?? '') ? String(value.address) : 'unknown';
  return 'time' in value ? t.time(value.time.toISOString()) : value.count;
}

const longestName = 100;

/**
 * A name as a mail may hold it. One from before there was a rule for names keeps its letters and digits;
 * what a mail program would take for a web or mail address is pulled apart ("acme. com").
 */
export function harmlessName(name: string): string {
  const kept =
    nameFault(name, longestName) === undefined
      ? name
      : name
          .replace(/[^\p{L}\p{N}]+/gu, ' ')
          .slice(0, longestName)
          .trim();
  return kept
    .replace(/@/g, ' @ ')
    .replace(/(?<=\S)([.\u3002\uff0e\uff61])(?=\S)/gu, '$1 ')
    .replace(/(?<=\S)([/:\\])(?=\S)/gu, ' $1 ');
}

let compiled: ejs.TemplateFunction | undefined;

/** Compiled with the first mail. */
function page(): ejs.TemplateFunction {
  const file = join(import.meta.dirname, '../../views/mail/mail.ejs');
  compiled ??= ejs.compile(readFileSync(file, 'utf8'), { filename: file, escape: toHtml });
  return compiled;
}
