/**
 * The words of the consent page: what a scope reaches, and why one cannot be given.
 *
 * @module
 */

import type { ResourceKind } from '../../catalogue/scope-rule.ts';
import type { Scope } from '../../catalogue/scopes.ts';
import type { ConsentRefusalCode } from '../../consent/consent-refused-error.ts';
import { mostEntries } from '../../consent/entry-limit.ts';
import type { ConsentRefusal } from '../../decisions/grantable-scopes.ts';
import type { Withheld } from '../../decisions/withheld-places.ts';
import {
  administratorRole,
  databaseAdministratorRole,
  isOrganizationRole,
  type Role,
  roleName,
} from '../../members/roles.ts';

/** The names that a sentence needs; those below the resource are not there. */
export interface Names {
  readonly organization: string;
  readonly database?: string | undefined;
  readonly branch?: string | undefined;
}

/** What an application is told with each of OpenID's scopes (OIDC Core sections 5.4 and 11). */
export const openidWords: Readonly<Record<string, string>> = {
  openid: 'Know which account is yours',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Keep its access while you are away',
};

/** The kinds of resource, as a heading over the scopes that are asked for. */
export const levelWords: Readonly<Record<ResourceKind, string>> = {
  user: 'On your own account',
  organization: 'In each organization that you pick',
  database: 'In each database that you pick',
  branch: 'On each branch that you pick',
};

/** @returns what the scope reaches when it is given on that resource. */
export function reachOf(scope: Scope, names: Names | undefined): string {
  if (names === undefined) return 'your own account';
  const { organization, database, branch } = names;
  if (branch !== undefined) return `only the branch ${branch} of ${database}`;
  const within = database ?? `every database in ${organization}`;
  switch (scope.actsOn) {
    case 'branch':
      return `every ${branchKindOf(scope)} of ${within}, today’s and tomorrow’s`;
    case 'database':
      return database === undefined
        ? `${within}, today’s and tomorrow’s`
        : `the database ${database}`;
    default:
      return `the organization ${organization} itself`;
  }
}

function branchKindOf(scope: Scope): string {
  if (scope.actsOn !== 'branch') return 'branch';
  const { development, production } = scope.requires;
  if (production === null) return 'development branch';
  return development === null ? 'production branch' : 'branch';
}

/** @returns which part of its reach a scope does not have for now, and what it would take. */
export function withheldWords(withheld: Withheld, names: Names): string {
  return withheld.where === 'some_databases'
    ? 'For now only in the databases where your role gives it.'
    : `Not on ${withheld.where} branches for now. ${refusalWords(withheld.refusal, names)}`;
}

/** @returns why a scope cannot be given on that resource, and what it would take. */
export function refusalWords(refusal: ConsentRefusal, { organization, database }: Names): string {
  switch (refusal.reason) {
    case 'role_insufficient':
      return needs(refusal.roles[0] ?? administratorRole, organization, database);
    case 'organization_policy':
      return `${organization} has not approved this for the application.`;
    case 'production_excluded':
      return productionWords(refusal.by, organization);
    case 'development_excluded':
      return 'It is about production branches only.';
    case 'no_database':
      return `There is no database in ${organization} that you could give it on.`;
    case 'not_a_member':
      return `You are not a member of ${organization}.`;
    case 'acts_elsewhere':
      return 'It is about another kind of resource.';
  }
}

function productionWords(by: 'catalogue' | 'policy' | 'consent', organization: string): string {
  switch (by) {
    case 'policy':
      return `${organization} keeps applications out of production branches.`;
    case 'consent':
      return 'It works on production branches only, and they are not included.';
    case 'catalogue':
      return 'It never reaches production branches.';
  }
}

function needs(role: Role, organization: string, database: string | undefined): string {
  if (isOrganizationRole(role)) return `Needs ${roleName(role)} of ${organization}.`;
  const where = database ?? `a database in ${organization}`;
  return `Needs ${roleName(role)} ${role === databaseAdministratorRole ? 'of' : 'on'} ${where}.`;
}

/** What is said when a submitted page is refused, and with which status. */
export const refusedWords: Readonly<Record<ConsentRefusalCode, { status: number; text: string }>> =
  {
    nothing_picked: {
      status: 422,
      text: 'Nothing is picked yet. Pick at least one place and leave something ticked there, or cancel.',
    },
    required_missing: {
      status: 422,
      text: 'The application cannot work without some of its permissions. Choose at least one place for each of them, or cancel.',
    },
    resource_unknown: {
      status: 403,
      text: 'Something that you picked is not there, or not for you. Nothing has been stored: look at your choice again.',
    },
    scope_not_asked: {
      status: 403,
      text: 'The form held something that the application does not ask for. Nothing has been stored: look at your choice again.',
    },
    scope_not_grantable: {
      status: 403,
      text: 'Your role, or the policy of an organization, does not give something that you ticked. Nothing has been stored: look at your choice again.',
    },
    too_many_entries: {
      status: 422,
      text: `You can choose at most ${mostEntries} resources. Choose whole databases or an organization instead, or clear some of the boxes. Nothing has been saved.`,
    },
    branch_changed: {
      status: 409,
      text: 'A branch that you picked was promoted or demoted meanwhile. Nothing has been stored: look at your choice again.',
    },
  };

/** @returns where the user is sent back to: a host, this computer, or an application on the device. */
export function redirectWords(redirectUri: string): string {
  const { protocol, host, hostname } = new URL(redirectUri);
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return `this computer (${host})`;
  return host === '' ? `an application on this device (${protocol})` : host;
}

/** @returns a duration in whole days, or in hours where it is less than two days. */
export function lifetimeWords(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${Math.floor(seconds / 86_400)} days`;
  const hours = Math.max(1, Math.floor(seconds / 3600));
  return hours === 1 ? 'an hour' : `${hours} hours`;
}
