/**
 * What an application does with a scope, in words for whoever is asked to allow it. The catalogue's
 * own descriptions are the published ones, and speak to developers.
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import type { Scope, ScopeName } from '../catalogue/scopes.ts';

type BareName = ScopeName extends infer S ? (S extends `${Level}:${infer N}` ? N : never) : never;

/** By bare name: the same at every level that has it, for the heading says where. */
const words: Readonly<Record<BareName, string>> = {
  read_user: 'See your name and your e-mail address',
  write_user: 'Change your name and the settings of your account',
  read_organizations: 'See which organizations you belong to',

  read_organization: 'See the organization’s name and settings',
  write_organization: 'Change the organization’s name and settings',
  delete_organization: 'Delete the organization, with everything in it',
  read_invoices: 'See the organization’s invoices',

  read_members: 'See who the members are, and their roles',
  write_members: 'Invite people, and change what they may do',
  delete_members: 'Remove members',

  read_databases: 'See the databases and their settings',
  create_databases: 'Create databases',
  write_databases: 'Change the settings of databases',
  delete_databases: 'Delete databases, with everything in them',
  read_database: 'See the database and its settings',
  write_database: 'Change the settings of the database',
  delete_database: 'Delete the database, with everything in it',

  read_branches: 'See the branches and their settings',
  write_branches: 'Create branches, and change their settings',
  delete_branches: 'Delete development branches, with their data',
  delete_production_branches: 'Delete production branches, with their data',
  promote_branches: 'Turn development branches into production branches',
  demote_branches: 'Turn production branches into development branches',
  read_branch: 'See the branch and its settings',
  write_branch: 'Change the settings of the branch',
  delete_branch: 'Delete the branch, with its data',

  manage_passwords:
    'See, make and delete passwords of development branches; a password opens the data itself',
  manage_production_branch_passwords:
    'See, make and delete passwords of production branches; a password opens the data itself',
  manage_read_only_passwords:
    'See, make and delete passwords that only read the data of development branches',
  manage_production_read_only_passwords:
    'See, make and delete passwords that only read the data of production branches',

  read_deploy_requests: 'See requests to bring changes into production (deploy requests)',
  write_deploy_requests: 'Ask for changes to be brought into production (deploy requests)',
  approve_deploy_requests: 'Approve requests to bring changes into production (deploy requests)',
  deploy_deploy_requests: 'Bring requested changes into production (deploy requests)',
  read_comments: 'Read the comments on deploy requests',
  write_comments: 'Comment on deploy requests',

  read_backups: 'See the list of backups',
  write_backups: 'Make backups, and change their settings',
  delete_backups: 'Delete backups of development branches',
  delete_production_branch_backups: 'Delete backups of production branches',
  restore_backups: 'Bring backups of development branches back, as new branches',
  restore_production_branch_backups: 'Bring backups of production branches back, as new branches',
};

/** Where the level makes another thing of the name. */
const ownWords: Readonly<Partial<Record<ScopeName, string>>> = {
  'database:read_members': 'See who has a role on the database',
  'database:write_members': 'Give people roles on the database, and change them',
  'database:delete_members': 'Take roles on the database away from people',
  'branch:manage_passwords':
    'See, make and delete passwords of the branch; a password opens the data itself',
  'branch:manage_read_only_passwords':
    'See, make and delete passwords that only read the data of the branch',
  'branch:delete_backups': 'Delete backups of the branch',
  'branch:restore_backups': 'Bring backups of the branch back, as new branches',
};

/** @returns what the scope lets an application do: a sentence without its subject. */
export function scopeWords({ scope, name }: Pick<Scope, 'scope' | 'name'>): string {
  return ownWords[scope] ?? words[name as BareName];
}
