/**
 * What is shown instead of a page that cannot be shown: the outer vocabulary of errors.
 *
 * @module
 */

/** The texts of an error, by their keys in the message files. */
export interface PageErrorTexts {
  /** The heading, where that of the status would mislead. */
  readonly title?: string;
  /** What happened. */
  readonly what: string;
  /** What to do next. */
  readonly next: string;
  /** What both texts name. */
  readonly values?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A page to continue with; `label` is a key. */
  readonly way?: Way;
}

interface Way {
  readonly href: string;
  readonly label: string;
}

/** A fault for the reader: `what` happened and what to do `next`, both keys of whole sentences. */
export class PageError extends Error {
  readonly code = 'page';
  readonly status: number;
  readonly title: string | undefined;
  readonly way: Way | undefined;
  readonly what: string;
  readonly next: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, { title, what, next, values, headers, way }: PageErrorTexts) {
    super(what);
    this.status = status;
    this.title = title;
    this.way = way;
    this.what = what;
    this.next = next;
    this.values = values ?? {};
    this.headers = headers ?? {};
  }
}

/** Nobody is signed in who may send this form; or no longer, for it was sent before (answer-once.ts). */
export class SignedOutError extends PageError {
  constructor() {
    super(403, {
      title: 'error.signed-out-title',
      what: 'error.signed-out',
      next: 'error.signed-out-next',
      way: { href: '/sign-in', label: 'error.sign-in' },
    });
  }
}
