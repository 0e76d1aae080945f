/**
 * What a form has done, said on the page that it leads to: sealed into that page's address for the person
 * who did it, so that nobody else's link can put words on it; said for some minutes only.
 *
 * @module
 */

import { WrongKeyError } from '../../lib/errors.ts';
import { open, seal } from '../../lib/key-wrapping.ts';
import { seeOther } from '../page/page-parts.ts';
import { baseOf } from './addresses.ts';
import type { ConsoleForm, ConsoleParts, ConsoleRequest } from './console-page.ts';

/** What was done. */
export interface Deed {
  /** A message key, and what the message names. */
  readonly text: string;
  readonly values?: Readonly<Record<string, string | number>>;
  /** Undefined: well; else something that the reader should see to. */
  readonly kind?: 'warning' | undefined;
  /** What came of each of several. */
  readonly lines?: readonly DeedLine[] | undefined;
  /** The form that undoes exactly this. */
  readonly undo?: Undo | undefined;
}

/** A message key, and what the message names. */
export interface DeedLine {
  readonly text: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** A form that takes back what was done. */
interface Undo {
  /** Below the organization. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

const sayableMs = 5 * 60 * 1000;

const contextOf = ({ signedIn, here }: ConsoleRequest) =>
  JSON.stringify(['done', signedIn.account.id, here.organization.id]);

/**
 * Leads to a page of the organization, which says what was done.
 *
 * @param path below the organization, perhaps with a query.
 * @param slug the organization's, where the form has changed it.
 */
export function seeDone(
  { consoleKey }: ConsoleParts,
  form: ConsoleForm,
  path: string,
  deed: Deed,
  slug = form.here.organization.slug,
): void {
  const text = Buffer.from(JSON.stringify({ ...deed, at: Date.now() }));
  const sealed = seal(consoleKey, text, contextOf(form)).toString('base64url');
  const mark = path.includes('?') ? '&' : '?';
  seeOther(form.ctx, `${baseOf(slug)}${path}${mark}done=${sealed}`);
}

/** @returns what to show; undefined where nothing was done just now by this person. */
export function readDeed(
  parts: ConsoleParts,
  request: ConsoleRequest,
  form: (path: string) => { readonly action: string; readonly token: string },
) {
  const deed = opened(parts, request);
  if (deed === undefined) return undefined;
  const { text, values, kind = 'good', lines = [], undo } = deed;
  const t = parts.messagesOf(request.ctx);
  return {
    kind,
    text: t.text(text, values),
    lines: lines.map((line) => t.text(line.text, line.values)),
    undo: undo && { ...form(undo.path), hidden: undo.fields },
  };
}

/** What was done before somebody came here. */
const arrivals: Readonly<Record<string, Deed>> = {
  joined: { text: 'console.joined' },
  created: { text: 'console.created' },
};

function opened({ consoleKey }: ConsoleParts, request: ConsoleRequest): Deed | undefined {
  const sealed = request.ctx.URL.searchParams.get('done');
  if (sealed === null) return undefined;
  if (Object.hasOwn(arrivals, sealed)) return arrivals[sealed];
  try {
    const text = open(consoleKey, Buffer.from(sealed, 'base64url'), contextOf(request)).toString();
    const { at, ...deed } = JSON.parse(text) as Deed & { readonly at: number };
    return Date.now() - at < sayableMs ? deed : undefined;
  } catch (error) {
    if (error instanceof WrongKeyError) return undefined;
    throw error;
  }
}
