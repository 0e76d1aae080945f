/**
 * The words for each status: the title of the page, the code for programs, what happened, what next.
 *
 * @module
 */

/** What is said about a status when nothing closer is known. */
export interface ErrorText {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  readonly next: string;
}

const texts: Readonly<Record<number, ErrorText>> = {
  400: {
    code: 'invalid_request',
    title: 'This request cannot be read',
    what: 'The request is not well formed.',
    next: 'Check the address, or go back and try again.',
  },
  403: {
    code: 'forbidden',
    title: 'This is not allowed',
    what: 'You may not do this.',
    next: 'Go back, or sign in as somebody who may.',
  },
  404: {
    code: 'not_found',
    title: 'There is nothing here',
    what: 'The address is wrong, or what was here is gone.',
    next: 'Check the address, or begin at the first page.',
  },
  405: {
    code: 'method_not_allowed',
    title: 'This is not how it works here',
    what: 'This address exists, but does not take this method.',
    next: 'Go back to the page and use its buttons.',
  },
  413: {
    code: 'too_large',
    title: 'This is too much at once',
    what: 'The request is larger than this server accepts.',
    next: 'Send less at once.',
  },
  415: {
    code: 'unsupported_media_type',
    title: 'This cannot be read here',
    what: 'This address does not take this kind of content.',
    next: 'Go back to the page and send its form from there.',
  },
  429: {
    code: 'too_many_requests',
    title: 'Too many tries',
    what: 'There were too many requests in a short time.',
    next: 'Wait a while, then try again.',
  },
  500: {
    code: 'server_error',
    title: 'Something broke here',
    what: 'The fault is ours and has been written down.',
    next: 'Try again. If it stays, tell the people who run this server the number below.',
  },
  503: {
    code: 'temporarily_unavailable',
    title: 'Not available just now',
    what: 'The database of this server cannot be reached.',
    next: 'Nothing is lost. Try again in a few seconds.',
  },
};

const refused: ErrorText = {
  code: 'invalid_request',
  title: 'This cannot be done',
  what: 'The request was refused.',
  next: 'Check the address, or go back and try again.',
};

/** @returns the words for a status; for one without words of its own, those of its class. */
export function errorText(status: number): ErrorText {
  return texts[status] ?? (status < 500 ? refused : (texts[500] ?? refused));
}
