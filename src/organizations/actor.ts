/**
 * Who does something, and by which way they came.
 *
 * @module
 */

import type { AuditEvent, Origin } from '../storage/audit/audit-log.ts';

/** The ways in: a browser session, an application with a person's token, a service client. */
export type Way = 'session' | 'application' | 'service';

interface Request {
  readonly origin?: Origin | undefined;
}

/** A person, in their own browser or through an application that holds their token. */
export interface Person extends Request {
  readonly accountId: string;
  readonly via:
    | { readonly kind: 'session' }
    | { readonly kind: 'application'; readonly clientId: string };
}

/** A service client of the platform; there is no person behind it. */
export interface Service extends Request {
  readonly accountId?: undefined;
  readonly via: { readonly kind: 'service'; readonly clientId: string };
}

export type Actor = Person | Service;

/** @returns what the audit trail keeps of an actor. */
export function auditedActor({
  accountId,
  via,
  origin,
}: Actor): Pick<AuditEvent, 'actorAccountId' | 'actorClientId' | 'origin'> {
  const actorClientId = via.kind === 'session' ? undefined : via.clientId;
  return { actorAccountId: accountId, actorClientId, origin };
}
