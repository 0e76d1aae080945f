/**
 * How the things of an organization are shown in answers.
 *
 * @module
 */

import type { z } from 'zod';
import { printId } from '../../lib/ids.ts';
import type { HeldPermission } from '../../organizations/effective-access.ts';
import { printInvitationId } from '../../organizations/invitations.ts';
import type { StoredAuditEvent } from '../../storage/audit/audit-log.ts';
import type { Invitation } from '../../storage/people/invitations.ts';
import type { ListedMember } from '../../storage/people/members.ts';
import type { Branch } from '../../storage/tree/branches.ts';
import type { DatabaseMember, GivenRole, StoredDatabase } from '../../storage/tree/databases.ts';
import type { Organization } from '../../storage/tree/organizations.ts';
import type { Team, TeamMember } from '../../storage/tree/teams.ts';
import type { Call } from './call.ts';
import type * as schemas from './schemas.ts';

type Shown<Schema extends z.ZodType> = z.input<Schema>;

export function printOrganization(of: Organization): Shown<typeof schemas.organization> {
  return {
    id: printId('organization', of.id),
    slug: of.slug,
    name: of.name,
    base_role: of.baseRole,
    application_policy: of.applicationPolicy,
    production_needs_approval: of.guardsProduction,
    max_entry_days: of.maxEntryDays ?? null,
    max_idle_days: of.maxIdleDays ?? null,
  };
}

/** What a person's list says of an organization whose settings the caller may not read. */
export function printOrganizationName({ id, slug, name }: Organization) {
  return { id: printId('organization', id), slug, name } satisfies Shown<
    typeof schemas.listedOrganization
  >;
}

export function printMember(of: ListedMember): Shown<typeof schemas.member> {
  const { accountId, email, name, role, suspended, joinedAt } = of;
  return { ...printPerson({ accountId, email, name }), role, suspended, joined_at: iso(joinedAt) };
}

export function printPerson({ accountId, email, name }: TeamMember): Shown<typeof schemas.person> {
  return { id: printId('user', accountId), email, name };
}

export function printInvitation(of: Invitation): Shown<typeof schemas.invitation> {
  return {
    id: printInvitationId(of.id),
    email: of.email,
    role: of.role,
    invited_by: printUser(of.invitedBy),
    expires_at: iso(of.expiresAt),
    is_expired: of.isExpired,
  };
}

export function printTeam({ id, slug, name }: Pick<Team, 'id' | 'slug' | 'name'>) {
  return { id: printId('team', id), slug, name } satisfies Shown<typeof schemas.team>;
}

export function printDatabase(of: StoredDatabase): Shown<typeof schemas.database> {
  const organization = printId('organization', of.organizationId);
  return { id: printId('database', of.id), organization, slug: of.slug };
}

export function printDatabaseMember(of: DatabaseMember): Shown<typeof schemas.databaseMember> {
  return { ...printPerson(of), role: of.role };
}

export function printGivenRole({ database, role }: GivenRole): Shown<typeof schemas.memberRole> {
  return { database: printDatabase(database), role };
}

export function printBranch(of: Branch): Shown<typeof schemas.branch> {
  return {
    id: printId('branch', of.id),
    organization: printId('organization', of.organizationId),
    database: printId('database', of.databaseId),
    slug: of.slug,
    production: of.production,
  };
}

/**
 * A token learns which kinds of sources there are. Teams, and the role that an organization gives
 * to all of its members, are for people: no scope reads teams, and the base role is a setting.
 */
export function printAccess(
  held: readonly HeldPermission[],
  { actor }: Pick<Call, 'actor'>,
): Shown<typeof schemas.access> {
  const print = actor.via.kind === 'application' ? printSourceKind : printSource;
  return {
    permissions: held.map(({ permission, sources }) => ({
      permission,
      sources: sources.map(print),
    })),
  };
}

type AccessSource = HeldPermission['sources'][number];

type ShownSource = Shown<typeof schemas.access>['permissions'][number]['sources'][number];

function printSource(source: AccessSource): ShownSource {
  return source.kind === 'team' ? { ...source, team: printTeam(source.team) } : source;
}

function printSourceKind(source: AccessSource): ShownSource {
  if (source.kind === 'team') return { kind: source.kind, role: source.role };
  return source.kind === 'base_role' ? { kind: source.kind } : source;
}

export function printAuditEvent(of: StoredAuditEvent): Shown<typeof schemas.auditEvent> {
  const { organizationId } = of;
  return {
    id: of.id,
    at: iso(of.at),
    action: of.action,
    outcome: of.outcome,
    actor: printUser(of.actorAccountId),
    actor_email: of.actorEmail ?? null,
    application: of.actorClientId ?? null,
    organization: organizationId === undefined ? null : printId('organization', organizationId),
    subject: of.subject ?? null,
    before: of.before ?? null,
    after: of.after ?? null,
    address: of.address ?? null,
    user_agent: of.userAgent ?? null,
  };
}

function printUser(accountId: string | undefined): string | null {
  return accountId === undefined ? null : printId('user', accountId);
}

function iso(date: Date): string {
  return date.toISOString();
}
