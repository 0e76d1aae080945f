/**
 * HTML that is known to be well made: by `t.html` from a message, or by a part of a page. Whatever
 * else a view writes is text, and escaped.
 *
 * @module
 */

/** A piece of HTML. Making one says that everything in it is escaped already. */
export class Markup {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

/**
 * What `<%= value %>` writes: markup as it is, text escaped, a list one after the other, nothing for
 * null and undefined.
 */
export function toHtml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return value.map(toHtml).join('');
  return escapeHtml(String(value));
}

/** Escapes for the content of an element and for an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** The references that EJS itself writes. */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
