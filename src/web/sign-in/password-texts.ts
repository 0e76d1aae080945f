/**
 * What every form with a password says, by keys and from the message files.
 *
 * @module
 */

import type { NewPasswordFault } from '../../accounts/new-password.ts';
import type { Messages } from '../../lib/messages.ts';

/** Why a new password is refused, by message key. */
export const passwordFaults = {
  too_short: 'password-form.too-short',
  too_long: 'password-form.too-long',
  not_text: 'password-form.not-text',
  common: 'password-form.common',
  personal: 'password-form.personal',
  pattern: 'password-form.pattern',
  guessable: 'password-form.guessable',
} as const satisfies Readonly<Record<NewPasswordFault, string>>;

/** Says how long to wait, in whole minutes, at least one. */
export function waitText(t: Messages, seconds: number): string {
  return t.text('password-form.wait', { minutes: minutesOf(seconds) });
}

/** Whole minutes, at least one. */
export function minutesOf(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / 60));
}
