/**
 * What the reader of a page is told when it cannot be shown: the outer vocabulary of errors.
 *
 * @module
 */

/** A fault for the reader: `what` happened and what to do `next`, both whole sentences. */
export class PageError extends Error {
  readonly code = 'page';
  readonly status: number;
  readonly what: string;
  readonly next: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    told: { what: string; next: string; headers?: Readonly<Record<string, string>> },
  ) {
    super(told.what);
    this.status = status;
    this.what = told.what;
    this.next = told.next;
    this.headers = told.headers ?? {};
  }
}
