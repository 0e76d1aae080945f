/**
 * The lines of a batch: how each thing is to be, and what came of it.
 *
 * @module
 */

import type { DatabaseRole, OrganizationRole } from '../members/roles.ts';
import type { Refusal } from './refusals.ts';

/** Somebody by the platform's own id of them. */
export interface SubjectOf {
  readonly subject: string;
  /** Whose subject it is, by the name of the identity provider here; undefined: the only one. */
  readonly provider: string | undefined;
  /** In its normal form; needed the first time that the subject is named. */
  readonly email: string | undefined;
}

/** An account's id, an address in its normal form, or the platform's own id. */
export type Who = { readonly accountId: string } | { readonly email: string } | SubjectOf;

/** How one thing is to be. */
export type SyncLine =
  | { readonly type: 'database'; readonly externalId: string; readonly slug: string }
  | {
      readonly type: 'branch';
      readonly externalId: string;
      /** The database's own external id. */
      readonly database: string;
      readonly slug: string;
      readonly production: boolean;
    }
  | {
      readonly type: 'member';
      readonly who: Who;
      /** Of the account that is made where the address has none. */
      readonly name: string | undefined;
      /** Undefined: a member stays what they are. */
      readonly role: OrganizationRole | undefined;
    }
  | {
      /** Not a member any more, with roles, teams and consents there. */
      readonly type: 'member_removal';
      readonly who: Who;
    }
  | {
      readonly type: 'database_role';
      /** The database's own external id. */
      readonly database: string;
      readonly who: Who;
      /** Given directly; undefined: none. */
      readonly role: DatabaseRole | undefined;
    };

/** A line of one type. */
export type LineOf<Type> = Extract<SyncLine, { type: Type }>;

/** What came of a line; `id` is a UUID, `before` how an updated thing was, for the audit trail. */
export type SyncResult =
  | {
      readonly outcome: 'created';
      readonly id: string;
      /** Whose subject was bound to the account by it. */
      readonly connected?: string | undefined;
    }
  | { readonly outcome: 'unchanged'; readonly id: string }
  /** Nobody is known by that address or id, so nothing had to be taken away. */
  | { readonly outcome: 'absent' }
  | {
      readonly outcome: 'updated';
      readonly id: string;
      readonly before: object;
      readonly connected?: string | undefined;
    }
  | { readonly outcome: 'removed'; readonly id: string; readonly before: object }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };
