/**
 * The scopes of the user level: they concern the account of the person who consents, and need no role.
 *
 * @module
 */

import type { ScopeTable } from './scope-rule.ts';

/** By canonical name, in the published order. */
export const userScopes = {
  'user:read_user': {
    description: 'Read user',
    actsOn: 'user',
    requires: [],
  },
  'user:write_user': {
    description: 'Write user',
    actsOn: 'user',
    requires: [],
  },
  'user:read_organizations': {
    description: "Read a user's organizations",
    actsOn: 'user',
    requires: [],
  },
} as const satisfies ScopeTable;
