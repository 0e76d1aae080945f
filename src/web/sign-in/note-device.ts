/**
 * What every sign-in does about the browser it happens in: its owner hears of a new one, and from then
 * on it is known; so is the language of its pages.
 *
 * @module
 */

import type Koa from 'koa';
import { noteNewDevice } from '../../accounts/new-device.ts';
import { rememberLanguage } from '../../storage/people/account-languages.ts';
import type { Account } from '../../storage/people/accounts.ts';
import type { PageParts } from '../page/page-parts.ts';
import type { KnownDevices } from './known-devices.ts';

/** What it takes to know a browser, and to send a mail about one. */
export interface DeviceParts extends Pick<PageParts, 'db' | 'messagesOf' | 'originOf'> {
  readonly knownDevices: KnownDevices;
}

/**
 * After a sign-in that succeeded.
 *
 * @param how `isMailed`: it began at a link by mail, or another mail is about it.
 */
export async function noteDevice(
  { db, knownDevices, messagesOf, originOf }: DeviceParts,
  ctx: Koa.Context,
  account: Pick<Account, 'id' | 'email'>,
  { isMailed }: { readonly isMailed: boolean } = { isMailed: false },
): Promise<void> {
  const { locale } = messagesOf(ctx);
  await rememberLanguage(db, account.id, locale);
  const isKnown = knownDevices.idFor(ctx, account.email) !== undefined;
  knownDevices.remember(ctx, account.email);
  if (isKnown) return;
  await noteNewDevice(db, { account, origin: originOf(ctx), locale, isMailed });
}
