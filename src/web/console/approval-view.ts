/**
 * What an administrator chooses from when approving an application, and who asks for it.
 *
 * @module
 */

import { levels } from '../../catalogue/scope-rule.ts';
import { allScopes, has, names, type ScopeSet } from '../../catalogue/scope-set.ts';
import { scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { Messages } from '../../lib/messages.ts';
import type { ApprovalRequest } from '../../storage/clients/approval-requests.ts';
import {
  type ApprovalIds,
  findApproval,
  registeredScopes,
  type StoredApproval,
} from '../../storage/clients/approvals.ts';
import type { Db } from '../../storage/engine/database.ts';
import { effectTexts, levelTexts } from '../applications/own-form.ts';

/** The longest ages of a grant that can be chosen, in days. */
export const dayChoices = [1, 7, 30, 90, 365] as const;

/** @returns what an application can be approved for now: what it is registered for. */
export async function askableScopes(db: Db, clientId: string): Promise<ScopeSet> {
  return (await registeredScopes(db, clientId)) ?? allScopes;
}

/** @returns what a form about an approval is about, for `seenOf`. */
export async function approvalStateOf(db: Db, at: ApprovalIds): Promise<unknown> {
  const approval = await findApproval(db, at);
  const registered = await askableScopes(db, at.clientId);
  return [names(registered), approval && [approval.approvedAt.toISOString(), approval.production]];
}

/** @returns the scopes to approve by level, ticked as they are approved now, or all. */
export function approvalLevels(
  t: Messages,
  registered: ScopeSet,
  approval: StoredApproval | undefined,
) {
  const ticked = approval?.scopes ?? registered;
  return levels.flatMap((level) => {
    const found = scopes
      .filter((one) => one.level === level && has(registered, one.scope))
      .map((one) => ({
        scope: one.scope,
        words: scopeWords(one, t.locale),
        effectText: t.text(effectTexts[one.effect]),
        isChecked: has(ticked, one.scope),
      }));
    return found.length === 0 ? [] : [{ name: t.text(levelTexts[level]), scopes: found }];
  });
}

/** @returns how long an access may grow, to choose from. */
export function dayViews(t: Messages, approval: StoredApproval | undefined) {
  const seconds = approval?.maxGrantSeconds;
  const choices = dayChoices.map((days) => ({
    value: String(days),
    label: t.text('console-app.days', { count: days }),
    isChecked: seconds === days * 86_400,
  }));
  const none = { value: '', label: t.text('console-app.no-limit') };
  return [{ ...none, isChecked: !choices.some(({ isChecked }) => isChecked) }, ...choices];
}

/** @returns who asks, since when, and why. */
export function requestViews(requests: readonly ApprovalRequest[]) {
  return requests.map(({ memberName, reason, requestedAt }) => ({
    name: memberName,
    reason,
    at: requestedAt.toISOString(),
  }));
}
