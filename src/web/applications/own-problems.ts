/**
 * What happens to an application, and what goes wrong with it, in words for its developer.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import { errorOfFault } from '../../portal/flow-faults.ts';
import type { Problem } from '../../portal/flow-summary.ts';
import { wordsOfFault } from '../public/fault-words.ts';

/** The words for what can happen: message keys. */
const kindTexts: Readonly<Record<string, string>> = {
  asked: 'own-app-activity.asked',
  ask_refused: 'own-app-activity.ask-refused',
  signed_in: 'own-app-activity.signed-in',
  consented: 'own-app-activity.consented',
  not_consented: 'own-app-activity.not-consented',
  code_issued: 'own-app-activity.code-issued',
  exchanged: 'own-app-activity.exchanged',
  exchange_refused: 'own-app-activity.exchange-refused',
  refreshed: 'own-app-activity.refreshed',
  refresh_refused: 'own-app-activity.refresh-refused',
  client_refused: 'own-app-activity.client-refused',
  revoked: 'own-app-activity.revoked',
  token_checked: 'own-app-activity.token-checked',
  token_denied: 'own-app-activity.token-denied',
};

/** @returns the words for a kind of event. */
export function kindText(t: Messages, kind: string): string {
  return t.text(kindTexts[kind] ?? 'own-app-activity.other');
}

/** The causes in which an address was sent. */
const ofAddresses = new Set(['redirect-uri', 'code-redirect-uri']);

/** A problem as it is shown. */
export function problemTexts(t: Messages, { kind, reason, detail, count, lastAt }: Problem) {
  const error = errorOfFault.get(reason);
  return {
    title: t.text(wordsOfFault(reason).title),
    kind: kindText(t, kind),
    sent: ofAddresses.has(reason) ? detail : '',
    said: ofAddresses.has(reason) ? '' : detail,
    isRedirect: reason === 'redirect-uri',
    often: t.text('own-app-activity.often', { count }),
    lastAt: lastAt.toISOString(),
    error: error === 'other' ? undefined : error,
    href: `/errors#${error === undefined ? 'other' : reason}`,
  };
}
