/**
 * Usher's decision on a permission, checked before anything relies on it.
 *
 * Source: AuthZEN Authorization API 1.0 section 5.5 (decision, context).
 *
 * @module
 */

import { ResourceServerError } from './errors.ts';
import { isRecord, malformed } from './token-answer.ts';

/** Whether, and if not: why, in one of Usher's words, and the scope that would help. */
export type Decision =
  | { readonly permitted: true }
  | {
      readonly permitted: false;
      readonly reason: string | undefined;
      readonly scope: string | undefined;
      /** Of which one would do, where the user's role is what is missing. */
      readonly roles: readonly string[];
    };

/**
 * @param json one evaluation of the answer.
 * @throws {ResourceServerError} `malformed_answer`, or `unknown_permission`.
 */
export function readDecision(json: unknown): Decision {
  if (!isRecord(json) || typeof json['decision'] !== 'boolean') {
    throw malformed('"decision" is missing');
  }
  const context = isRecord(json['context']) ? json['context'] : {};
  if (context['error'] !== undefined) {
    const { message } = isRecord(context['error']) ? context['error'] : {};
    throw new ResourceServerError('unknown_permission', `Usher cannot decide this: ${message}`);
  }
  if (json['decision']) return { permitted: true };
  const { reason, fix } = context;
  return {
    permitted: false,
    reason: typeof reason === 'string' ? reason : undefined,
    scope: isRecord(fix) ? scopeOf(fix) : undefined,
    roles: isRecord(fix) ? rolesOf(fix) : [],
  };
}

/** Names that may go into words for people. */
function rolesOf({ roles }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!Array.isArray(roles)) return [];
  return roles.filter((role): role is string => /^[a-z_]{1,60}$/.test(String(role)));
}

/** What the client can ask for: from the user, or in its own registration. */
function scopeOf({ consent, request }: Readonly<Record<string, unknown>>): string | undefined {
  const scope = consent ?? request;
  return typeof scope === 'string' && /^[a-z]+:[a-z_]+$/.test(scope) ? scope : undefined;
}
