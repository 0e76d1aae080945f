/**
 * What every form with a password says, by keys and from the message files.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';

/** Why a new password is refused, by message key. */
export const passwordFaults = {
  too_short: 'password-form.too-short',
  too_long: 'password-form.too-long',
  not_text: 'password-form.not-text',
} as const;

/** Says how long to wait, in whole minutes, at least one. */
export function waitText(t: Messages, seconds: number): string {
  return t.text('password-form.wait', { minutes: Math.max(1, Math.ceil(seconds / 60)) });
}
