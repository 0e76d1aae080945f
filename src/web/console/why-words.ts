/**
 * The words of an answer: what was asked, what gives it, what is missing.
 *
 * @module
 */

import { permissions } from '../../catalogue/permissions.ts';
import { scopeOf } from '../../catalogue/scopes.ts';
import { permissionWords, scopeWords } from '../../catalogue/words.ts';
import type { TargetRefusal } from '../../decisions/explain.ts';
import type { Messages } from '../../lib/messages.ts';
import {
  administratorRole,
  baseRoleName,
  isOrganizationRole,
  roleName,
} from '../../members/roles.ts';
import type { Asked } from '../../organizations/asked.ts';
import type { FoundResource } from '../../organizations/asked-resource.ts';
import type { AccessSource } from '../../organizations/effective-access.ts';

/** @returns what is asked: what somebody can do, or what an application could do for them. */
export function askedWords(t: Messages, asked: Asked): string {
  if (asked.kind === 'production') return t.text('why.do-production');
  if (asked.kind === 'scope') return scopeWords(scopeOf(asked.scope), t.locale);
  const { permission } = asked;
  const row = permissions.find(({ id }) => id === permission);
  return row === undefined ? permission : permissionWords(row, t.locale);
}

/** @returns the name of a resource: `shop/main`, `shop`, or the organization's name. */
export function resourceName({ organization, database, branch }: FoundResource): string {
  if (database === undefined) return organization.name;
  return branch === undefined ? database.slug : `${database.slug}/${branch.slug}`;
}

/** Where a source counts. */
export interface SourceNames {
  readonly organization: string;
  /** Undefined: on all of them. */
  readonly database: string | undefined;
}

/** @returns what gives it, as a sentence without its subject. */
export function sourceWords(t: Messages, source: AccessSource, names: SourceNames): string {
  const { organization: name, database = name } = names;
  switch (source.kind) {
    case 'organization_role':
      return t.text('why.by-organization-role', { role: roleName(source.role, t.locale), name });
    case 'base_role':
      return t.text('why.by-base-role', { role: baseRoleName(source.role, t.locale), name });
    case 'direct_role':
      return t.text('why.by-direct-role', {
        role: roleName(source.role, t.locale),
        name: database,
      });
    case 'team':
      return t.text('why.by-team', { team: source.team.name, name: database });
  }
}

/** @returns why not, and what it would take. */
export function refusalWords(t: Messages, refusal: TargetRefusal, on: FoundResource): string {
  const name = resourceName(on);
  const organization = on.organization.name;
  switch (refusal.reason) {
    case 'not_a_member':
      return t.text('why.not-suspended', { name: organization });
    case 'role_insufficient': {
      const needed = refusal.roles[0] ?? administratorRole;
      const role = roleName(needed, t.locale);
      return isOrganizationRole(needed) || on.database === undefined
        ? t.text('why.not-role-organization', { role, name: organization })
        : t.text('why.not-role', { role, name: on.database.slug });
    }
    case 'production_excluded':
      return t.text('why.not-on-production', { name });
    case 'development_excluded':
      return t.text('why.not-on-development', { name });
    case 'acts_elsewhere':
      return t.text('why.not-here', { name });
    case 'organization_policy':
      return t.text('why.not-policy', { name: organization });
  }
}
