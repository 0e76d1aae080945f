/**
 * What the management API answers when it cannot do what was asked: problem details with a stable
 * `type`, and a line for each field that is refused.
 *
 * Inner refusals say what happened; what the caller reads of it is decided here alone.
 *
 * Source: RFC 9457.
 *
 * @module
 */

import type Koa from 'koa';
import { DatabaseUnavailableError, TooBusyError } from '../../lib/errors.ts';
import { type FieldFault, type Refusal, RefusedError } from '../../organizations/refusals.ts';
import { type Challenge, printChallenge } from './challenges.ts';

/** Every problem there is: callers switch on `type`, which ends with one of these. */
export const problems = {
  unreadable: [400, 'The request cannot be read'],
  unauthenticated: [401, 'Nobody is signed in, and there is no live token'],
  forbidden: [403, 'This is not allowed'],
  'cross-site': [403, 'A browser may change something only from a page of ours'],
  'insufficient-scope': [403, 'The token does not reach this far'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This address does not take this method'],
  conflict: [409, 'What is there stands against it'],
  gone: [410, 'It is over'],
  'precondition-failed': [412, 'It was changed meanwhile'],
  'precondition-required': [428, 'A deletion by name needs If-Match, since names are used again'],
  'too-large': [413, 'The body is longer than any that is taken here'],
  'unsupported-media-type': [415, 'The body is not of the type that this address takes'],
  invalid: [422, 'Some fields cannot be taken'],
  'idempotency-key-reused': [422, 'This key was used for another request'],
  'too-often': [429, 'This was asked for too often; wait a while'],
  internal: [500, 'The fault is ours and has been written down'],
  unavailable: [503, 'Not available just now; nothing was changed'],
} as const satisfies Record<string, [status: number, title: string]>;

export type ProblemName = keyof typeof problems;

/** What a problem says beside its type. */
export interface ProblemDetails {
  readonly reason?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly challenge?: Challenge;
}

/** A request that was stopped before, or beside, the use cases. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: ProblemName;
  readonly details: ProblemDetails;

  constructor(problem: ProblemName, details: ProblemDetails = {}) {
    super(problem);
    this.problem = problem;
    this.details = details;
  }
}

/** The `type` of a problem: the same in every installation. */
function problemType(name: ProblemName): string {
  return `urn:usher:problem:${name}`;
}

/**
 * Answers a failure.
 *
 * @param issuer whom challenges name; without a slash at the end.
 * @returns whether the failure is ours and belongs in the log.
 */
export function answerProblem(ctx: Koa.Context, error: unknown, issuer: string): boolean {
  const { body, headers, challenge } = problemBody(error);
  ctx.status = body.status;
  ctx.set(headers);
  if (challenge !== undefined) ctx.set('WWW-Authenticate', printChallenge(challenge, issuer));
  ctx.remove('ETag');
  if (body.status < 500) ctx.state['reason'] = body.reason ?? body.title;
  ctx.body = JSON.stringify({ ...body, request_id: ctx.state['requestId'] });
  ctx.type = 'application/problem+json';
  return body.status >= 500;
}

/** What the caller reads of a failure. */
export function problemBody(error: unknown) {
  const [name, { headers = {}, challenge, reason, detail, errors }] = problemOf(error);
  const [status, title] = problems[name];
  const body = { type: problemType(name), title, status, reason, detail, errors };
  return { body, headers, challenge };
}

function problemOf(error: unknown): [ProblemName, ProblemDetails] {
  if (error instanceof ProblemError) return [error.problem, error.details];
  if (error instanceof RefusedError) return problemOfRefusal(error.refusal);
  if (error instanceof DatabaseUnavailableError || error instanceof TooBusyError) {
    return ['unavailable', { headers: { 'Retry-After': '5' } }];
  }
  return ['internal', {}];
}

function problemOfRefusal(refusal: Refusal): [ProblemName, ProblemDetails] {
  switch (refusal.code) {
    case 'not_found':
      return ['not-found', {}];
    case 'forbidden':
    case 'conflict':
    case 'gone':
      return [refusal.code, { reason: refusal.reason, detail: reasons[refusal.reason] }];
    case 'throttled':
      return ['too-often', { headers: { 'Retry-After': String(refusal.retryAfterSeconds) } }];
    case 'invalid':
      return ['invalid', { errors: refusal.fields }];
  }
}

/** The reasons of refused requests, in words. */
export const reasons = {
  role: 'Your role does not give it.',
  own_role:
    'You can’t change your own role or membership in an organization; you can only leave it.',
  not_by_token: "It takes the person's own browser session.",
  not_a_member: 'The other person is not in the organization; an invitation brings them in.',
  target_is_administrator: 'Only Organization Administrators limit one of their kind.',
  service_power: 'This service client may not do it: operators say so when they add one.',
  address_unverified: 'The e-mail address of the account is not proven yet.',
  organization_suspended:
    'Operators have suspended the organization; its members see why in the browser.',
  slug_taken: 'The slug is taken.',
  address_taken:
    'The address is taken, or somebody else has a resource server at the same host: use a host of your own.',
  external_id_taken: 'The id is that of a thing somewhere else.',
  already_member: 'The person is a member already.',
  already_invited: 'The address is invited already.',
  last_administrator: 'An organization keeps at least one administrator who can act.',
  last_production_branch: 'A database keeps at least one production branch.',
  managed_by_platform: 'The platform synchronizes this, so it is changed there.',
  shut_out: 'The organization has shut the application out.',
  too_many: 'There are as many as there may be: delete one first.',
  fresh_sign_in_needed: 'The person has to prove who they are once more first.',
  invitation_expired: 'The invitation has expired.',
  inviter_lost_right: 'Whoever invited may not invite any more.',
} as const satisfies Record<Extract<Refusal, { reason: string }>['reason'], string>;
