/**
 * Kinds of events by what they are about: by the beginnings of their actions, up to their point.
 *
 * @module
 */

export const auditKinds = {
  people: ['member', 'invitation'],
  access: ['database_role'],
  databases: ['database', 'branch'],
  teams: ['team'],
  apps: ['application', 'consent', 'consents', 'client_secret', 'resource_server'],
  settings: ['organization'],
  log: ['audit_log'],
} as const;
export type AuditKind = keyof typeof auditKinds;

export const auditKindNames = Object.keys(auditKinds) as AuditKind[];
