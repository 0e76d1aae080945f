/**
 * Asking for a link by mail, by whoever has forgotten a password or wants an account.
 *
 *     count the attempt -> write down what is asked for -> the mail finds out whose address it is
 *
 * No account is looked at here: the same work is done and the same answer given for every address. Links
 * do not replace one another before one is used, and after five in an hour no more are sent, so nobody
 * can make the links in another's mailbox worthless by asking for more.
 *
 * Source: OWASP ASVS 5 sections 6.3.8 (the answer shows no accounts) and 6.4.4; OWASP Forgot Password Cheat Sheet.
 *
 * @module
 */

import { normalizeEmail } from '../lib/email-address.ts';
import { newId } from '../lib/ids.ts';
import { networkOf } from '../lib/network.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Database } from '../storage/engine/database.ts';
import { insertAccountLink, type LinkKind } from '../storage/people/account-links.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';
import { putMail } from '../storage/people/mail-outbox.ts';
import { limit, takeAttempt } from './throttle.ts';

/** Who asks, and for what. */
export interface LinkAttempt {
  readonly db: Database;
  readonly kind: Exclude<LinkKind, 'address'>;
  /** As it was typed. */
  readonly email: string;
  /** Where the attempt comes from. */
  readonly address: string | undefined;
  /** As in sign-in: a browser in which this address was signed in before is not held to its network. */
  readonly knownDevice: string | undefined;
  readonly locale: string | undefined;
  /** Where to go on to once the link was used, sealed for this browser. */
  readonly returnTo: Buffer | undefined;
}

/** `asked`: a mail is on its way if there is anybody to send it to. */
export type LinkAttemptResult =
  | { readonly outcome: 'asked' }
  | { readonly outcome: 'refused'; readonly why: 'not_an_address' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const perNetwork = 30;
/** Of one kind to one address in `windowSeconds`, which is how long a link works: one always does. */
const perAddress = 5;
const windowSeconds = 60 * 60;

/** The kinds of mail in the outbox by the kinds of link. */
export const linkMails = {
  reset: 'reset-link',
  sign_up: 'sign-up-link',
  address: 'address-link',
} as const satisfies Record<LinkKind, string>;

/** Asks for a link. */
export async function askForLink(attempt: LinkAttempt): Promise<LinkAttemptResult> {
  const { db, kind, knownDevice, locale, returnTo } = attempt;
  const email = normalizeEmail(attempt.email);
  if (email === undefined) return { outcome: 'refused', why: 'not_an_address' };
  const from = knownDevice ?? networkOf(attempt.address ?? '');
  const who = knownDevice === undefined ? 'network' : 'device';
  const wait = await takeAttempt(db, [limit(perNetwork, 'link', kind, who, from)]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };
  const bucket = sha256(JSON.stringify(['link', kind, 'to', email]));
  await db.run(async (tx) => {
    const { attempts } = await countAttempt(tx, bucket, windowSeconds);
    if (attempts > perAddress) return; // there is one in the mailbox that works
    const id = newId();
    await insertAccountLink(tx, { id, kind, email, accountId: undefined, locale, returnTo });
    await putMail(tx, linkMails[kind], id);
  });
  return { outcome: 'asked' };
}
