/**
 * The words of the consent page: why something cannot be given, and where people are sent.
 *
 * @module
 */

import type { ConsentRefusalCode } from '../../consent/consent-refused-error.ts';
import type { ConsentRefusal } from '../../decisions/grantable-scopes.ts';
import type { Withheld } from '../../decisions/withheld.ts';
import type { Messages } from '../../lib/messages.ts';
import { administratorRole, isOrganizationRole, roleName } from '../../members/roles.ts';

/** The names that a reason needs. */
export interface Names {
  /** The organization's. */
  readonly organization: string;
  /** The path of the database concerned; undefined where it is about any of the organization. */
  readonly database: string | undefined;
  /** Whom to ask in the organization; undefined where there is nobody else. */
  readonly person: string | undefined;
}

/** What an application learns with each of OpenID's scopes (OIDC Core sections 5.4 and 11). */
export const openidWords: Readonly<Record<string, string>> = {
  openid: 'consent-page.openid',
  profile: 'consent-page.profile',
  email: 'consent-page.email',
  offline_access: 'consent-page.offline',
};

/** @returns why a scope cannot be given on that resource, what it would take, and whom to ask. */
export function refusalWords(t: Messages, refusal: ConsentRefusal, names: Names): string {
  const reason = reasonWords(t, refusal, names);
  const isShutOut = refusal.reason === 'organization_policy' && refusal.isShutOut === true;
  const canBeChanged =
    ['role_insufficient', 'organization_policy'].includes(refusal.reason) && !isShutOut;
  const { person } = names;
  return canBeChanged && person !== undefined
    ? t.text('consent-reasons.ask', { reason, person })
    : reason;
}

function reasonWords(t: Messages, refusal: ConsentRefusal, names: Names): string {
  const { organization: name, database } = names;
  switch (refusal.reason) {
    case 'role_insufficient': {
      const needed = refusal.roles[0] ?? administratorRole;
      const role = roleName(needed, t.locale);
      if (isOrganizationRole(needed)) return t.text('consent-reasons.role', { role, name });
      return database === undefined
        ? t.text('consent-reasons.role-any', { role, name })
        : t.text('consent-reasons.role-database', { role, name: database });
    }
    case 'organization_policy':
      return t.text(refusal.isShutOut ? 'consent-reasons.shut-out' : 'consent-reasons.policy', {
        name,
      });
    case 'production_excluded':
      return t.text(productionReasons[refusal.by], { name });
    case 'development_excluded':
      return t.text('consent-reasons.development-never');
    case 'no_database':
      return t.text('consent-reasons.no-database', { name });
    case 'not_a_member':
      return t.text('consent-reasons.not-member', { name });
    case 'acts_elsewhere':
      return t.text('consent-reasons.elsewhere');
  }
}

const productionReasons: Readonly<Record<'policy' | 'catalogue' | 'consent', string>> = {
  policy: 'consent-reasons.production-policy',
  catalogue: 'consent-reasons.production-never',
  consent: 'consent-reasons.production-consent',
};

/** @returns which part of its reach a scope does not have for now, and what it would take. */
export function withheldWords(t: Messages, withheld: Withheld, names: Names): string {
  if (withheld.where === 'some_databases') return t.text('consent-page.some-databases');
  const reason = refusalWords(t, withheld.refusal, names);
  return withheld.where === 'production'
    ? t.text('consent-page.not-production', { reason })
    : t.text('consent-page.not-development', { reason });
}

/** What is said when a submitted page is refused, by message key, and with which status. */
export const refusedWords: Readonly<Record<ConsentRefusalCode, { status: number; key: string }>> = {
  nothing_picked: { status: 422, key: 'consent-refused.nothing' },
  several_resources: { status: 422, key: 'consent-refused.several' },
  required_missing: { status: 422, key: 'consent-refused.required' },
  resource_unknown: { status: 403, key: 'consent-refused.unknown' },
  scope_not_asked: { status: 403, key: 'consent-refused.not-asked' },
  scope_not_grantable: { status: 403, key: 'consent-refused.not-grantable' },
  too_many_entries: { status: 422, key: 'consent-refused.too-many' },
  lifetime_unknown: { status: 403, key: 'consent-refused.lifetime' },
  branch_changed: { status: 409, key: 'consent-refused.changed' },
};

/** @returns where the user is sent back to: a host, this computer, or an application on the device. */
export function redirectWords(t: Messages, redirectUri: string): string {
  const { protocol, host, hostname } = new URL(redirectUri);
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    return t.text('consent-page.this-computer', { host });
  }
  return host === '' ? t.text('consent-page.this-device', { scheme: protocol }) : host;
}

/** @returns what an organization says of the longest life of an access, in days or hours. */
export function lifetimeWords(t: Messages, name: string, seconds: number): string {
  return seconds >= 2 * 86_400
    ? t.text('consent-page.lifetime-days', { name, count: Math.floor(seconds / 86_400) })
    : t.text('consent-page.lifetime-hours', {
        name,
        count: Math.max(1, Math.floor(seconds / 3600)),
      });
}
