/**
 * What bounds a token beside its own scopes: what its client is registered for and, where it is for one
 * resource server, what that accepts now.
 *
 * Source: RFC 8707 section 2.2.
 *
 * @module
 */

import { allScopes, intersect, parseScopeSet, type ScopeSet } from '../../catalogue/scope-set.ts';
import { wholeCatalogue } from '../clients/registrations.ts';

/** What is read of the token, of its client and of the asker. */
interface BoundRow {
  readonly token_scope: string;
  /** Null where it is the very text of `token_scope`. */
  readonly registered: string | null;
  readonly audience: string | null;
  readonly asker: { readonly accepted_scope: string | null } | null;
}

/** @returns the most that the token can be of use for. */
export function boundOf({ token_scope, registered, audience, asker }: BoundRow): ScopeSet {
  const bound =
    registered === wholeCatalogue ? allScopes : parseScopeSet(registered ?? token_scope);
  const accepted = audience === null ? null : (asker?.accepted_scope ?? null);
  return accepted === null ? bound : intersect(bound, parseScopeSet(accepted));
}
