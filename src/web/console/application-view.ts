/**
 * What the console says about an application: its status in the organization, and who allowed it what.
 *
 * @module
 */

import { has, type ScopeSet } from '../../catalogue/scope-set.ts';
import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { needsApproval } from '../../decisions/policy.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import type { ApplicationAccess, MemberAccess } from '../../storage/clients/application-access.ts';
import type { StoredApproval } from '../../storage/clients/approvals.ts';
import type { ApplicationSummary } from '../../storage/clients/client-list.ts';
import type { ShutOut } from '../../storage/clients/shut-outs.ts';
import type { Organization } from '../../storage/tree/organizations.ts';

/** The status of an application, in a sentence, and how it looks. */
export interface StatusNotice {
  readonly kind: 'good' | 'warning' | undefined;
  readonly text: string;
  /** Whether an approval changes what it gets, as the policy is. */
  readonly needsApproval: boolean;
}

/** @returns what the policy of the organization lets the application do now. */
export function statusNoticeOf(
  t: Messages,
  { id, name, applicationPolicy: policy, guardsProduction }: Organization,
  { owner, isVerified: verified }: ApplicationSummary,
  { approval, shutOut }: { approval: StoredApproval | undefined; shutOut: ShutOut | undefined },
): StatusNotice {
  const owned = owner?.id === id;
  const say = (kind: StatusNotice['kind'], key: string, isNeeded = false): StatusNotice => {
    return { kind, text: t.text(key, { name }), needsApproval: isNeeded };
  };
  if (shutOut !== undefined) return say('warning', 'console-app.out');
  if (owned) return say(undefined, 'console-app.owned');
  const isApproved = approval !== undefined;
  if (needsApproval({ policy, owned, verified })) {
    if (isApproved) return say('good', 'console-app.approved', true);
    return say('warning', 'console-app.waits', true);
  }
  if (!guardsProduction || verified) return say(undefined, 'console-app.open');
  if (approval?.production) return say(undefined, 'console-app.open', true);
  return say('warning', 'console-app.guarded', true);
}

/** @returns the words of each scope, in catalogue order. */
export function scopeNamesIn(t: Messages, set: ScopeSet): string[] {
  return scopes.filter(({ scope }) => has(set, scope)).map((one) => scopeWords(one, t.locale));
}

/** @returns what was approved. */
export function approvedView(t: Messages, of: StoredApproval) {
  return {
    at: of.approvedAt.toISOString(),
    scopes: of.scopes && scopeNamesIn(t, of.scopes),
    production: of.production,
    days: of.maxGrantSeconds && Math.ceil(of.maxGrantSeconds / 86_400),
  };
}

/** @returns what members allowed, all together. */
export function accessView(t: Messages, of: ApplicationAccess) {
  return {
    people: of.members,
    entries: of.entries,
    scopes: scopeNamesIn(t, of.scopes),
    since: of.since.toISOString(),
    lastUsedAt: of.lastUsedAt?.toISOString(),
    knownSince: of.knownSince?.toISOString(),
  };
}

/** @returns one person, as the list shows them. */
export function memberView(t: Messages, of: MemberAccess) {
  const isResting = of.resources.every(({ rests }) => rests);
  return {
    id: printId('user', of.accountId),
    name: of.name,
    email: of.email,
    since: of.since.toISOString(),
    expiresAt: of.expiresAt?.toISOString(),
    lastUsedAt: of.lastUsedAt?.toISOString(),
    knownSince: of.knownSince?.toISOString(),
    isResting,
    resources: of.resources.map(({ path, level, scopes: set, production }) => ({
      path,
      isProduction: production && level !== 'branch',
      scopes: t.list(scopeNamesIn(t, set)),
    })),
  };
}
