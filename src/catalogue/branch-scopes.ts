/**
 * The published scopes of the branch level: on every branch picked and on nothing else.
 *
 * @module
 */

import type { ScopeTable } from './scope-rule.ts';

/** By canonical name, in the published order. */
export const branchScopes = {
  'branch:manage_passwords': {
    description: 'Read, write, and delete branch passwords',
    actsOn: 'branch',
    requires: { development: ['connect_development'], production: ['connect_production'] },
  },
  'branch:write_branch': {
    description: 'Write a database branch',
    actsOn: 'branch',
    requires: { development: ['create_branches'], production: ['manage_database'] },
  },
  'branch:read_branch': {
    description: 'Read a database branch',
    actsOn: 'branch',
    requires: { development: ['view_branches'], production: ['view_branches'] },
  },
  'branch:delete_branch': {
    description: 'Delete a database branch',
    actsOn: 'branch',
    requires: {
      development: ['delete_development_branches'],
      production: ['delete_production_branches'],
    },
  },
  'branch:write_backups': {
    description: 'Create and update backups',
    actsOn: 'branch',
    requires: {
      development: ['create_development_backups'],
      production: ['create_production_backups'],
    },
  },
  'branch:read_backups': {
    description: 'Read backups',
    actsOn: 'branch',
    requires: { development: ['view_backups'], production: ['view_backups'] },
  },
  'branch:delete_backups': {
    description: 'Delete backups',
    actsOn: 'branch',
    requires: {
      development: ['delete_development_backups'],
      production: ['delete_production_backups'],
    },
  },
  'branch:restore_backups': {
    description: "Restore this branch's backups to new branches",
    actsOn: 'branch',
    requires: {
      development: ['restore_development_backups', 'create_branches'],
      production: ['restore_production_backups', 'create_branches'],
    },
  },
} as const satisfies ScopeTable;
