/**
 * The permissions: what a role can give, 14 about an organization and 27 about a database and its
 * branches. Who holds them is the business of `members/permissions.ts`.
 *
 * `reference` names the row of the published role tables that a permission comes from, or the rule
 * that it was derived by.
 *
 * @module
 */

const organizationPermissions = {
  view_organization: {
    label: 'View an organization',
    reference: 'org table, View organization',
  },
  create_databases: {
    label: 'Create a new database',
    reference: 'org table, Create databases',
  },
  manage_service_tokens: {
    label: 'Create, view, or delete service tokens',
    reference: 'org table, Manage service tokens',
  },
  manage_service_token_grants: {
    label: 'Create, view, update, or delete service token grants',
    reference: 'org table, Manage service token grants',
  },
  view_organization_members: {
    label: 'View one or all organization members',
    reference: 'org table, View organization members',
  },
  create_production_service_token_grants: {
    label: 'Create a service token grant to connect or delete a production database branch',
    reference: 'org table, Create production service token grants',
  },
  update_integrations: {
    label: 'Update a third-party integration',
    reference: 'org table, Update an integration',
  },
  manage_invitations: {
    label: 'View, create, or cancel organization invitations',
    reference: 'org table, Manage invitations',
  },
  view_invoices: {
    label: 'View or download organization invoices',
    reference: 'org table, Manage invoices',
  },
  manage_billing: {
    label: 'View or update billing plans and payment methods',
    reference: 'org table, Manage billing',
  },
  view_audit_logs: {
    label: 'View all audit logs',
    reference: 'org table, View audit logs',
  },
  manage_organization_members: {
    label: 'Update member roles or delete organization members',
    reference: 'org table, Manage organization members',
  },
  manage_organization_beta_features: {
    label: 'Opt-in or opt-out of a beta feature',
    reference: 'org table, Manage beta features',
  },
  manage_organization: {
    label: 'Update organization settings, SSO, or delete organization',
    reference: 'org table, Manage organization',
  },
} as const;

const databasePermissions = {
  view_database: {
    label: 'View a database in an organization',
    reference: 'db table, View database',
  },
  view_branches: {
    label: 'View a database branch',
    reference: 'db table, Create and view branches (view half)',
  },
  create_branches: {
    label: 'Create a database branch',
    reference: 'db table, Create and view branches (create half)',
  },
  delete_development_branches: {
    label: 'Delete a non-production branch of a specific database',
    reference: 'db table, Delete non-production branches',
  },
  create_deploy_requests: {
    label: 'Create, update or close a deploy request, and comment on one',
    reference: 'db table, Create deploy requests',
  },
  view_deploy_requests: {
    label: 'Read deploy requests and their comments',
    reference: 'no row; follows View branches',
  },
  deploy_deploy_requests: {
    label: 'Deploy a deploy request',
    reference: 'no row; developer "deploy branches" in the course article',
  },
  review_deploy_requests: {
    label:
      "Review a deploy request (a review that satisfies a required approval needs a database or organization administrator; that gate is the resource server's)",
    reference: 'no row',
  },
  view_database_members: {
    label: 'View one or all database members',
    reference: 'db table, View database members',
  },
  view_query_statistics: {
    label: 'View query statistics',
    reference: 'db table, View query statistics',
  },
  view_backups: {
    label: 'List and read backups',
    reference: 'no row; follows View database',
  },
  create_development_backups: {
    label: 'Create or update a backup of a development branch',
    reference: 'no row; follows Create branches',
  },
  create_production_backups: {
    label: 'Create or update a backup of a production branch',
    reference: 'no row; follows Manage database',
  },
  delete_development_backups: {
    label: 'Delete a backup of a development branch',
    reference: 'no row; follows Delete non-production branches',
  },
  delete_production_backups: {
    label: 'Delete a backup of a production branch',
    reference: 'no row; follows Delete production branches',
  },
  restore_development_backups: {
    label: 'Restore the backup of a development branch',
    reference: 'db table, Restore non-production backups',
  },
  restore_production_backups: {
    label: 'Restore the backup of a production branch',
    reference: 'db table, Restore production backups',
  },
  connect_development: {
    label: 'Create passwords or use a shell for development branches',
    reference: 'db table, Connect to development branches',
  },
  connect_development_read_only: {
    label: 'Create read-only passwords for development branches',
    reference: 'db table, Connect to development branches (read half)',
  },
  connect_production: {
    label: 'Create passwords or use a shell for production branches',
    reference: 'db table, Connect to production branches',
  },
  connect_production_read_only: {
    label: 'Create read-only passwords for production branches',
    reference: 'current product documentation; course article "view data"',
  },
  delete_production_branches: {
    label: 'Delete a production branch',
    reference: 'db table, Delete production branches',
  },
  promote_branches: {
    label: 'Promote a branch to production, or demote it',
    reference: 'db table, Promote branches',
  },
  manage_database: {
    label: 'Delete, update settings, or import a database',
    reference: 'db table, Manage database',
  },
  manage_database_billing: {
    label: 'Update the billing plan of a specific database',
    reference: 'db table, Manage billing',
  },
  manage_database_beta_features: {
    label: 'Opt-in or opt-out of a beta feature for a database',
    reference: 'db table, Manage beta features',
  },
  manage_database_members: {
    label: 'Update database member roles, add, or remove database members',
    reference: 'db table, Manage database members',
  },
} as const;

/** A permission about an organization itself. */
export type OrganizationPermissionId = keyof typeof organizationPermissions;

/** A permission about a database or its branches. */
export type DatabasePermissionId = keyof typeof databasePermissions;

/** The name of a permission, such as `create_branches`. */
export type PermissionId = OrganizationPermissionId | DatabasePermissionId;

/** One row of the permission table. */
export interface Permission {
  readonly id: PermissionId;
  readonly on: 'organization' | 'database';
  readonly label: string;
  readonly reference: string;
}

const organizationPermissionIds = Object.keys(
  organizationPermissions,
) as readonly OrganizationPermissionId[];

/** The permissions about a database, in table order. */
export const databasePermissionIds = Object.keys(
  databasePermissions,
) as readonly DatabasePermissionId[];

/** All 41 permissions, those about an organization first. */
export const permissions: readonly Permission[] = [
  ...organizationPermissionIds.map(
    (id) => ({ id, on: 'organization', ...organizationPermissions[id] }) as const,
  ),
  ...databasePermissionIds.map(
    (id) => ({ id, on: 'database', ...databasePermissions[id] }) as const,
  ),
];

/** The names of all permissions, in table order. */
export const permissionIds: readonly PermissionId[] = permissions.map(({ id }) => id);
