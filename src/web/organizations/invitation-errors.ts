/**
 * What the page of an invitation says where it cannot be answered.
 *
 * @module
 */

import type { RefusedError } from '../../organizations/refusals.ts';
import { PageError } from '../page/page-error.ts';

/** @returns the page that says why an answer was refused. */
export function pageErrorOf({ refusal }: RefusedError): PageError {
  if (refusal.code === 'gone') return tooLate();
  if (refusal.code === 'conflict') {
    return new PageError(409, {
      what: 'join.joined',
      next: 'join.joined-next',
    });
  }
  if (refusal.code === 'forbidden' && refusal.reason === 'organization_suspended') {
    return new PageError(403, {
      what: 'join.suspended',
      next: 'join.suspended-next',
    });
  }
  if (refusal.code === 'forbidden') {
    return new PageError(403, {
      what: 'join.unproven',
      next: 'join.unproven-next',
    });
  }
  return noInvitation();
}

/** There is none with that link, or none any more. */
export function noInvitation(): PageError {
  return new PageError(404, {
    what: 'join.unknown',
    next: 'join.unknown-next',
  });
}

/** It has expired, or whoever sent it may not invite any more. */
export function tooLate(): PageError {
  return new PageError(410, {
    what: 'join.expired',
    next: 'join.expired-next',
  });
}
