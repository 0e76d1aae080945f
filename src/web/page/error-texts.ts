/**
 * The texts of each status, by their keys: the title of the page, what happened, what next; and the
 * code for programs.
 *
 * @module
 */

/** What is said about a status when nothing closer is known; all but the code are message keys. */
export interface ErrorText {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  readonly next: string;
}

const texts: Readonly<Record<number, ErrorText>> = {
  400: {
    code: 'invalid_request',
    title: 'error.400-title',
    what: 'error.400-what',
    next: 'error.400-next',
  },
  403: {
    code: 'forbidden',
    title: 'error.403-title',
    what: 'error.403-what',
    next: 'error.403-next',
  },
  404: {
    code: 'not_found',
    title: 'error.404-title',
    what: 'error.404-what',
    next: 'error.404-next',
  },
  405: {
    code: 'method_not_allowed',
    title: 'error.405-title',
    what: 'error.405-what',
    next: 'error.405-next',
  },
  413: {
    code: 'too_large',
    title: 'error.413-title',
    what: 'error.413-what',
    next: 'error.413-next',
  },
  415: {
    code: 'unsupported_media_type',
    title: 'error.415-title',
    what: 'error.415-what',
    next: 'error.415-next',
  },
  429: {
    code: 'too_many_requests',
    title: 'error.429-title',
    what: 'error.429-what',
    next: 'error.429-next',
  },
  500: {
    code: 'server_error',
    title: 'error.500-title',
    what: 'error.500-what',
    next: 'error.500-next',
  },
  503: {
    code: 'temporarily_unavailable',
    title: 'error.503-title',
    what: 'error.503-what',
    next: 'error.503-next',
  },
};

const refused: ErrorText = {
  code: 'invalid_request',
  title: 'error.other-title',
  what: 'error.other-what',
  next: 'error.other-next',
};

/** @returns the texts of a status; for one without texts of its own, those of its class. */
export function errorText(status: number): ErrorText {
  return texts[status] ?? (status < 500 ? refused : (texts[500] ?? refused));
}
