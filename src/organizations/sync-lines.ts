/**
 * The lines of a batch: how each thing is to be.
 *
 * @module
 */

import type { OrganizationRole } from '../members/roles.ts';

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
      /** An account's id, or an address in its normal form. */
      readonly who: { readonly accountId: string } | { readonly email: string };
      /** Of the account that is made where the address has none. */
      readonly name: string | undefined;
      /** Undefined: a member stays what they are. */
      readonly role: OrganizationRole | undefined;
    };

/** A line of one type. */
export type LineOf<Type> = Extract<SyncLine, { type: Type }>;
