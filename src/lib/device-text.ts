/**
 * A device in words: "Firefox on Linux".
 *
 * @module
 */

import type { Messages } from './messages.ts';
import { deviceOf } from './user-agents.ts';

/** Says as much as the browser's name for itself gives away. */
export function deviceText(t: Messages, userAgent: string | undefined): string {
  const { browser, system } = deviceOf(userAgent);
  if (browser !== undefined && system !== undefined)
    return t.text('device.browser-and-system', { browser, system });
  return browser ?? system ?? t.text('device.unknown');
}
