/**
 * The published scopes of the database level: in every database picked and all its branches.
 *
 * @module
 */

import type { ScopeTable } from './scope-rule.ts';

/** By canonical name, in the published order. */
export const databaseScopes = {
  'database:write_members': {
    description: 'Write members',
    actsOn: 'database',
    requires: ['manage_database_members'],
  },
  'database:read_members': {
    description: 'Read members',
    actsOn: 'database',
    requires: ['view_database_members'],
  },
  'database:delete_members': {
    description: 'Delete members',
    actsOn: 'database',
    requires: ['manage_database_members'],
  },
  'database:read_branches': {
    description: 'Read database branches',
    actsOn: 'branch',
    requires: { development: ['view_branches'], production: ['view_branches'] },
  },
  'database:write_branches': {
    description: 'Write database branches',
    actsOn: 'branch',
    requires: { development: ['create_branches'], production: ['manage_database'] },
  },
  'database:delete_branches': {
    description: 'Delete database branches',
    actsOn: 'branch',
    requires: { development: ['delete_development_branches'], production: null },
  },
  'database:promote_branches': {
    description: 'Promote database branches',
    actsOn: 'branch',
    requires: { development: ['promote_branches'], production: null },
  },
  'database:delete_production_branches': {
    description: 'Delete a production database branch',
    actsOn: 'branch',
    requires: { development: null, production: ['delete_production_branches'] },
  },
  'database:manage_production_branch_passwords': {
    description: 'Read, write, and delete production branch passwords',
    actsOn: 'branch',
    requires: { development: null, production: ['connect_production'] },
  },
  'database:write_deploy_requests': {
    description: 'Create and update deploy requests in a database',
    actsOn: 'database',
    requires: ['create_deploy_requests'],
  },
  'database:read_deploy_requests': {
    description: 'Read deploy requests in a database',
    actsOn: 'database',
    requires: ['view_deploy_requests'],
  },
  'database:deploy_deploy_requests': {
    description: 'Deploy deploy requests in a database',
    actsOn: 'database',
    requires: ['deploy_deploy_requests'],
  },
  'database:approve_deploy_requests': {
    description: 'Approve deploy requests in a database',
    actsOn: 'database',
    requires: ['review_deploy_requests'],
  },
  'database:write_comments': {
    description: 'Create deploy request comments in a database',
    actsOn: 'database',
    requires: ['create_deploy_requests'],
  },
  'database:read_comments': {
    description: 'Read deploy request comments in a database',
    actsOn: 'database',
    requires: ['view_deploy_requests'],
  },
  'database:read_database': {
    description: 'Read database information',
    actsOn: 'database',
    requires: ['view_database'],
  },
  'database:delete_database': {
    description: 'Delete a database',
    actsOn: 'database',
    requires: ['manage_database'],
  },
  'database:write_database': {
    description: 'Write database',
    actsOn: 'database',
    requires: ['manage_database'],
  },
  'database:manage_passwords': {
    description: 'Read, write, and delete branch passwords',
    actsOn: 'branch',
    requires: { development: ['connect_development'], production: null },
  },
  'database:write_backups': {
    description: 'Create and update backups',
    actsOn: 'branch',
    requires: {
      development: ['create_development_backups'],
      production: ['create_production_backups'],
    },
  },
  'database:read_backups': {
    description: 'Read backups',
    actsOn: 'branch',
    requires: { development: ['view_backups'], production: ['view_backups'] },
  },
  'database:delete_backups': {
    description: 'Delete backups',
    actsOn: 'branch',
    requires: { development: ['delete_development_backups'], production: null },
  },
  'database:delete_production_branch_backups': {
    description: 'Delete production backups',
    actsOn: 'branch',
    requires: { development: null, production: ['delete_production_backups'] },
  },
  'database:restore_backups': {
    description: "Restore this branch's backups to new branches",
    actsOn: 'branch',
    requires: { development: ['restore_development_backups', 'create_branches'], production: null },
  },
  'database:restore_production_branch_backups': {
    description: 'Restore production branch backups to new branches',
    actsOn: 'branch',
    requires: { development: null, production: ['restore_production_backups', 'create_branches'] },
  },
} as const satisfies ScopeTable;
