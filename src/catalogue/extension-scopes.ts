/**
 * The scopes that Usher adds to the published catalogue: demotion, and passwords that only read.
 *
 * @module
 */

import type { ScopeTable } from './scope-rule.ts';

/** By canonical name; in catalogue order they stand after the published ones. */
export const extensionScopes = {
  'organization:demote_branches': {
    description: 'Demote production branches',
    actsOn: 'branch',
    requires: { development: null, production: ['promote_branches'] },
  },
  'organization:manage_read_only_passwords': {
    description: 'Read, write, and delete read-only branch passwords',
    actsOn: 'branch',
    requires: { development: ['connect_development_read_only'], production: null },
  },
  'organization:manage_production_read_only_passwords': {
    description: 'Read, write, and delete read-only production branch passwords',
    actsOn: 'branch',
    requires: { development: null, production: ['connect_production_read_only'] },
  },
  'database:demote_branches': {
    description: 'Demote production branches',
    actsOn: 'branch',
    requires: { development: null, production: ['promote_branches'] },
  },
  'database:manage_read_only_passwords': {
    description: 'Read, write, and delete read-only branch passwords',
    actsOn: 'branch',
    requires: { development: ['connect_development_read_only'], production: null },
  },
  'database:manage_production_read_only_passwords': {
    description: 'Read, write, and delete read-only production branch passwords',
    actsOn: 'branch',
    requires: { development: null, production: ['connect_production_read_only'] },
  },
  'branch:manage_read_only_passwords': {
    description: 'Read, write, and delete read-only branch passwords',
    actsOn: 'branch',
    requires: {
      development: ['connect_development_read_only'],
      production: ['connect_production_read_only'],
    },
  },
} as const satisfies ScopeTable;
