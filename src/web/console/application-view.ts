/**
 * What the console says about an application: how it stands in the organization, and who allowed it what.
 *
 * @module
 */

import { has, type ScopeSet } from '../../catalogue/scope-set.ts';
import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { needsApproval } from '../../decisions/policy.ts';
import type { Messages } from '../../lib/messages.ts';
import type { MemberAccess } from '../../storage/clients/application-access.ts';
import type { StoredApproval } from '../../storage/clients/approvals.ts';
import type { ApplicationSummary } from '../../storage/clients/client-list.ts';
import type { ShutOut } from '../../storage/clients/shut-outs.ts';
import type { Organization } from '../../storage/tree/organizations.ts';

/** How an application stands, in a sentence, and how it looks. */
export interface Standing {
  readonly kind: 'good' | 'warning' | undefined;
  readonly text: string;
  /** Whether members get nothing for it as things are, and an approval would change that. */
  readonly waits: boolean;
}

/** @returns what the policy of the organization lets the application do now. */
export function standingOf(
  t: Messages,
  { id, name, applicationPolicy: policy, guardsProduction }: Organization,
  { owner, isVerified: verified }: ApplicationSummary,
  { approval, shutOut }: { approval: StoredApproval | undefined; shutOut: ShutOut | undefined },
): Standing {
  const owned = owner?.id === id;
  const say = (key: string) => t.text(key, { name });
  if (shutOut !== undefined) return { kind: 'warning', text: say('console-app.out'), waits: false };
  if (owned) return { kind: undefined, text: say('console-app.owned'), waits: false };
  const mustWait = needsApproval({ policy, owned, verified });
  if (mustWait && approval === undefined)
    return { kind: 'warning', text: say('console-app.waits'), waits: true };
  if (mustWait) return { kind: 'good', text: say('console-app.approved'), waits: false };
  if (guardsProduction && !verified && approval?.production !== true) {
    return { kind: 'warning', text: say('console-app.guarded'), waits: true };
  }
  return { kind: undefined, text: say('console-app.open'), waits: false };
}

/** @returns the words of each scope, in catalogue order. */
export function scopeNamesIn(t: Messages, set: ScopeSet): string[] {
  return scopes.filter(({ scope }) => has(set, scope)).map((one) => scopeWords(one, t.locale));
}

/** @returns one person, as the list shows them. */
export function memberView(t: Messages, of: MemberAccess) {
  const isResting = of.resources.every(({ rests }) => rests);
  return {
    name: of.name,
    email: of.email,
    since: of.since.toISOString(),
    expiresAt: of.expiresAt?.toISOString(),
    lastUsedAt: of.lastUsedAt?.toISOString(),
    isResting,
    resources: of.resources.map(({ path, level, scopes: set, production }) => ({
      path,
      isProduction: production && level !== 'branch',
      scopes: t.list(scopeNamesIn(t, set)),
    })),
  };
}
