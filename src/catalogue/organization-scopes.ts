/**
 * The published scopes of the organization level: in every organization picked, and in all its
 * databases and branches, today's and tomorrow's, as far as the member's roles there go.
 *
 * @module
 */

import type { ScopeTable } from './scope-rule.ts';

/** By canonical name, in the published order. */
export const organizationScopes = {
  'organization:write_organization': {
    description: 'Write organization',
    actsOn: 'organization',
    requires: ['manage_organization'],
  },
  'organization:read_organization': {
    description: 'Read organization',
    actsOn: 'organization',
    requires: ['view_organization'],
  },
  'organization:read_invoices': {
    description: 'Read organization invoices',
    actsOn: 'organization',
    requires: ['view_invoices'],
  },
  'organization:delete_organization': {
    description: 'Delete organization',
    actsOn: 'organization',
    requires: ['manage_organization'],
  },
  'organization:read_databases': {
    description: 'Read organization databases',
    actsOn: 'database',
    requires: ['view_database'],
  },
  'organization:create_databases': {
    description: 'Create organization databases',
    actsOn: 'organization',
    requires: ['create_databases'],
  },
  'organization:write_databases': {
    description: 'Write organization databases',
    actsOn: 'database',
    requires: ['manage_database'],
  },
  'organization:delete_databases': {
    description: 'Delete organization databases',
    actsOn: 'database',
    requires: ['manage_database'],
  },
  'organization:write_members': {
    description: 'Write members',
    actsOn: 'organization',
    requires: ['manage_organization_members', 'manage_invitations'],
  },
  'organization:read_members': {
    description: 'Read members',
    actsOn: 'organization',
    requires: ['view_organization_members'],
  },
  'organization:delete_members': {
    description: 'Delete members',
    actsOn: 'organization',
    requires: ['manage_organization_members'],
  },
  'organization:read_branches': {
    description: 'Read database branches',
    actsOn: 'branch',
    requires: { development: ['view_branches'], production: ['view_branches'] },
  },
  'organization:write_branches': {
    description: 'Write database branches',
    actsOn: 'branch',
    requires: { development: ['create_branches'], production: ['manage_database'] },
  },
  'organization:delete_branches': {
    description: 'Delete database branches',
    actsOn: 'branch',
    requires: { development: ['delete_development_branches'], production: null },
  },
  'organization:promote_branches': {
    description: 'Promote database branches',
    actsOn: 'branch',
    requires: { development: ['promote_branches'], production: null },
  },
  'organization:delete_production_branches': {
    description: 'Delete a production database branch',
    actsOn: 'branch',
    requires: { development: null, production: ['delete_production_branches'] },
  },
  'organization:manage_production_branch_passwords': {
    description: 'Read, write, and delete production branch passwords',
    actsOn: 'branch',
    requires: { development: null, production: ['connect_production'] },
  },
  'organization:write_deploy_requests': {
    description: 'Create and update deploy requests in a database',
    actsOn: 'database',
    requires: ['create_deploy_requests'],
  },
  'organization:read_deploy_requests': {
    description: 'Read deploy requests in a database',
    actsOn: 'database',
    requires: ['view_deploy_requests'],
  },
  'organization:deploy_deploy_requests': {
    description: 'Deploy deploy requests in a database',
    actsOn: 'database',
    requires: ['deploy_deploy_requests'],
  },
  'organization:approve_deploy_requests': {
    description: 'Approve deploy requests in a database',
    actsOn: 'database',
    requires: ['review_deploy_requests'],
  },
  'organization:write_comments': {
    description: 'Create deploy request comments in a database',
    actsOn: 'database',
    requires: ['create_deploy_requests'],
  },
  'organization:read_comments': {
    description: 'Read deploy request comments in a database',
    actsOn: 'database',
    requires: ['view_deploy_requests'],
  },
  'organization:manage_passwords': {
    description: 'Read, write, and delete branch passwords',
    actsOn: 'branch',
    requires: { development: ['connect_development'], production: null },
  },
  'organization:write_backups': {
    description: 'Create and update backups',
    actsOn: 'branch',
    requires: {
      development: ['create_development_backups'],
      production: ['create_production_backups'],
    },
  },
  'organization:read_backups': {
    description: 'Read backups',
    actsOn: 'branch',
    requires: { development: ['view_backups'], production: ['view_backups'] },
  },
  'organization:delete_backups': {
    description: 'Delete backups',
    actsOn: 'branch',
    requires: { development: ['delete_development_backups'], production: null },
  },
  'organization:delete_production_branch_backups': {
    description: 'Delete production backups',
    actsOn: 'branch',
    requires: { development: null, production: ['delete_production_backups'] },
  },
  'organization:restore_backups': {
    description: "Restore this branch's backups to new branches",
    actsOn: 'branch',
    requires: { development: ['restore_development_backups', 'create_branches'], production: null },
  },
  'organization:restore_production_branch_backups': {
    description: 'Restore production branch backups to new branches',
    actsOn: 'branch',
    requires: { development: null, production: ['restore_production_backups', 'create_branches'] },
  },
} as const satisfies ScopeTable;
