/**
 * What is said about an address that is none of ours.
 *
 * @module
 */

import { asciiForm } from '../../lib/email-address.ts';
import type { Messages } from '../../lib/messages.ts';

/**
 * @param otherwise the key of what is said of anything but a domain that is not in ASCII; undefined: nothing.
 * @returns why it is refused, and what to enter instead; undefined where there is nothing to say.
 */
export function emailFault(t: Messages, typed: string, otherwise: string): string;
export function emailFault(t: Messages, typed: string): string | undefined;
export function emailFault(t: Messages, typed: string, otherwise?: string): string | undefined {
  const address = asciiForm(typed);
  if (address !== undefined) return t.text('email.not-ascii', { address });
  return otherwise === undefined ? undefined : t.text(otherwise);
}
