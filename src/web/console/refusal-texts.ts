/**
 * What people read where a use case refuses: what happened, and what to do next.
 *
 * @module
 */

import type {
  ConflictReason,
  ForbiddenReason,
  RefusedError,
} from '../../organizations/refusals.ts';
import { PageError } from '../page/page-error.ts';

const forbiddenTexts: Partial<Record<ForbiddenReason, readonly [what: string, next: string]>> = {
  own_role: ['console.own-role', 'console.own-role-next'],
  not_a_member: ['console.not-a-member', 'console.not-a-member-next'],
  organization_suspended: ['join.suspended', 'join.suspended-next'],
  target_is_administrator: ['console.target-administrator', 'console.target-administrator-next'],
};

const conflictTexts: Partial<Record<ConflictReason, readonly [what: string, next: string]>> = {
  last_administrator: ['console.last-administrator', 'console.last-administrator-next'],
  last_production_branch: ['console.last-production', 'console.last-production-next'],
  managed_by_platform: ['console.managed', 'console.managed-next'],
  slug_taken: ['console.slug-taken', 'console.slug-taken-next'],
  already_member: ['console.already-member', 'console.already-member-next'],
  already_invited: ['console.already-invited', 'console.already-invited-next'],
};

/** @returns the page that says it. */
export function pageErrorOf({ refusal }: RefusedError): PageError {
  switch (refusal.code) {
    case 'not_found':
      return nothingThere();
    case 'forbidden':
      return saying(403, forbiddenTexts[refusal.reason] ?? usual);
    case 'conflict':
      return saying(409, conflictTexts[refusal.reason] ?? changed);
    case 'gone':
      return saying(410, changed);
    case 'throttled': {
      const headers = { 'Retry-After': String(refusal.retryAfterSeconds) };
      const minutes = Math.ceil(refusal.retryAfterSeconds / 60);
      const [what, next] = ['console.throttled', 'console.throttled-next'];
      return new PageError(429, { what, next, values: { minutes }, headers });
    }
    case 'invalid':
      return saying(422, ['console.invalid', 'console.invalid-next']);
  }
}

const usual = ['console.forbidden', 'console.forbidden-next'] as const;
const changed = ['console.changed', 'console.changed-next'] as const;

function saying(status: number, [what, next]: readonly [what: string, next: string]): PageError {
  return new PageError(status, { what, next });
}

/** It does not exist, or the reader may not know of it: which of these is not said. */
export function nothingThere(): PageError {
  return saying(404, ['console.unknown', 'console.unknown-next']);
}
