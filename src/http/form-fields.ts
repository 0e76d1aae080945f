/**
 * The fields of a form: `application/x-www-form-urlencoded`, strictly.
 *
 * Source: URL Standard section 5 (urlencoded), stricter: broken escapes are refused, not repaired.
 *
 * @module
 */

/** The media type. */
export const formType = 'application/x-www-form-urlencoded';

/** A name and its value; a name may be repeated. */
export type FormField = [name: string, value: string];

/**
 * Reads the fields in order; empty ones (`&&`) are left out.
 *
 * @param maximum how many fields there may be, empty ones included.
 * @returns `malformed` for a broken escape or a NUL, which no text in PostgreSQL can hold.
 */
export function readFormFields(
  body: string,
  maximum: number,
): FormField[] | 'malformed' | 'too many' {
  const pairs = body.split('&', maximum + 1);
  if (pairs.length > maximum) return 'too many';
  if (body.includes('\0')) return 'malformed';
  const fields: FormField[] = [];
  for (const pair of pairs) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decodeField(at < 0 ? pair : pair.slice(0, at));
    const value = decodeField(at < 0 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined) return 'malformed';
    fields.push([name, value]);
  }
  return fields;
}

/** Decodes one name or value. @returns undefined for a broken escape or one of NUL. */
export function decodeField(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text;
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}
