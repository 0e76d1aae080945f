/**
 * Why a use case refuses; nothing is changed then.
 *
 * `not_found` is said alike of what does not exist and of what the actor may not know of.
 *
 * @module
 */

/**
 * - `role`: the actor's role does not give it.
 * - `own_role`: nobody changes their own role or membership; one may only leave.
 * - `not_by_token`: only in the person's own browser session, or not by a service client.
 * - `not_a_member`: the other person is not in the organization; only an invitation brings them in.
 * - `target_is_administrator`: only their own kind limits an Organization Administrator.
 * - `service_power`: this service client was not given the power to do it.
 * - `address_unverified`: the account has not proven its e-mail address yet.
 * - `organization_suspended`: operators suspended it; its members see why in the browser.
 */
export type ForbiddenReason =
  | 'role'
  | 'own_role'
  | 'not_by_token'
  | 'not_a_member'
  | 'target_is_administrator'
  | 'service_power'
  | 'address_unverified'
  | 'organization_suspended';

/**
 * - `address_taken`: a resource server has the address, or somebody else has one at the same origin.
 * - `external_id_taken`: the platform's id is that of a thing somewhere else.
 * - `last_administrator`: an organization keeps at least one administrator who can act.
 * - `last_production_branch`: a database keeps at least one production branch.
 * - `managed_by_platform`: a platform synchronizes it, so it is changed there.
 * - `shut_out`: the organization keeps the application out.
 * - `fresh_sign_in_needed`: the person has to prove who they are once more.
 * - `too_many`: there are as many as there may be.
 */
export type ConflictReason =
  | 'slug_taken'
  | 'address_taken'
  | 'external_id_taken'
  | 'already_member'
  | 'already_invited'
  | 'last_administrator'
  | 'last_production_branch'
  | 'managed_by_platform'
  | 'shut_out'
  | 'fresh_sign_in_needed'
  | 'too_many';

/** What was there and counts no more: too late, or the inviter may not invite any longer. */
export type GoneReason = 'invitation_expired' | 'inviter_lost_right';

/** One field that cannot be taken as it is; `message` completes "The field ...". */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** What the caller reads. Callers switch on `code`, then on `reason`. */
export type Refusal =
  | { readonly code: 'not_found' }
  | { readonly code: 'forbidden'; readonly reason: ForbiddenReason }
  | { readonly code: 'conflict'; readonly reason: ConflictReason }
  | { readonly code: 'gone'; readonly reason: GoneReason }
  | { readonly code: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly code: 'invalid'; readonly fields: readonly FieldFault[] };

/** A use case that was refused, with what to tell the caller. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`refused: ${'reason' in refusal ? refusal.reason : refusal.code}`, options);
    this.refusal = refusal;
  }
}

/** The thing does not exist, or not for this actor. */
export function notFound(): RefusedError {
  return new RefusedError({ code: 'not_found' });
}

/**
 * @returns what a search has found.
 * @throws {RefusedError} `not_found`: it has found nothing.
 */
export function found<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw notFound();
  return thing;
}

/** The actor knows the thing and may not do this to it. */
export function forbidden(reason: ForbiddenReason): RefusedError {
  return new RefusedError({ code: 'forbidden', reason });
}

/** The present state does not allow it. */
export function conflict(reason: ConflictReason, options?: ErrorOptions): RefusedError {
  return new RefusedError({ code: 'conflict', reason }, options);
}

/** It was there, and is over. */
export function gone(reason: GoneReason): RefusedError {
  return new RefusedError({ code: 'gone', reason });
}

/** It was asked for too often; after so many seconds it may be asked again. */
export function throttled(retryAfterSeconds: number): RefusedError {
  return new RefusedError({ code: 'throttled', retryAfterSeconds });
}

/** Fields cannot be taken; at least one. */
export function invalid(...fields: readonly FieldFault[]): RefusedError {
  return new RefusedError({ code: 'invalid', fields });
}
