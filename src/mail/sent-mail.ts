/**
 * What this process has sent lately, for whoever develops: outside production only, in memory only.
 *
 * @module
 */

import type { Mail } from './mail.ts';

/** A mail that went out. */
export interface SentMail extends Mail {
  /** Counts up from 1 in each process. */
  readonly number: number;
  readonly sentAt: Date;
}

/** Keeps the last mails. */
export interface SentMails {
  keep(mail: Mail): void;
  /** @returns them, the newest first. */
  list(): readonly SentMail[];
}

const kept = 50;

/** Keeps nothing yet. */
export function createSentMails(): SentMails {
  let count = 0;
  let mails: readonly SentMail[] = [];
  return {
    keep(mail) {
      count += 1;
      mails = [{ ...mail, number: count, sentAt: new Date() }, ...mails].slice(0, kept);
    },
    list: () => mails,
  };
}
