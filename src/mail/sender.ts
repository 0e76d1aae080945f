/**
 * Sends the mails in the outbox, as often as it takes.
 *
 *     claim one that is due -> compose it -> hand it over -> remove it, or put it off
 *
 * Any number of nodes may send: a claim excludes the others. Between the server's taking a mail and
 * the removal of its row a node may die; the mail then goes out twice rather than never.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  type ClaimedMail,
  claimMail,
  failMail,
  postponeMail,
  removeMail,
} from '../storage/people/mail-outbox.ts';
import type { Mail } from './mail.ts';
import type { SendMail } from './transport.ts';

/** Writes the mail about one thing; undefined when there is nothing to say any more. */
export type ComposeMail = (db: Db, subjectId: string) => Promise<Mail | undefined>;

export interface MailSenderSettings {
  readonly db: Database;
  readonly send: SendMail;
  /** How each kind of mail in the outbox is written. */
  readonly compose: Readonly<Record<string, ComposeMail>>;
  readonly log: Pick<Logger, 'warn'>;
}

const leaseSeconds = 120;
const firstDelaySeconds = 30;
const longestDelaySeconds = 60 * 60;
const maxAttempts = 200;

/** Sends all mail that is due now. @returns how many rows were worked on. */
export async function sendDueMail(settings: MailSenderSettings): Promise<number> {
  const kinds = Object.keys(settings.compose);
  for (let done = 0; ; done++) {
    const mail = await claimMail(settings.db, kinds, leaseSeconds);
    if (mail === undefined) return done;
    await deliver(settings, mail);
  }
}

/**
 * Sends until told to stop, looking for mail every so often.
 *
 * @returns stops it, once what is under way is done.
 */
export function startMailSender(
  settings: MailSenderSettings,
  everySeconds: number,
): () => Promise<void> {
  const stopping = new AbortController();
  const running = run(settings, everySeconds, stopping.signal);
  return () => {
    stopping.abort();
    return running;
  };
}

async function run(settings: MailSenderSettings, everySeconds: number, signal: AbortSignal) {
  while (!signal.aborted) {
    // The database may be away for a while; mail waits as everything does.
    await sendDueMail(settings).catch((err) => settings.log.warn({ err }, 'no mail can be sent'));
    await sleep(everySeconds * 1000, undefined, { signal }).catch(() => {});
  }
}

async function deliver({ db, send, compose, log }: MailSenderSettings, claimed: ClaimedMail) {
  const { id, kind, attempts } = claimed;
  let mail: Mail | undefined;
  try {
    mail = await compose[kind]?.(db, claimed.subjectId);
    if (mail !== undefined) await send(mail);
    await removeMail(db, claimed);
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    const isFinal = isRefused(error) || attempts >= maxAttempts;
    // Never the error itself: a server's answer may repeat what was in the mail.
    log.warn({ mail: id, kind, attempts, code, responseCode, isFinal }, 'mail was not sent');
    const failure = { recipient: mail?.to, reason: reasonOf(error) };
    await (isFinal
      ? failMail(db, claimed, failure)
      : postponeMail(db, claimed, { ...failure, delaySeconds: delayAfter(attempts) }));
  }
}

/** A word for the failure, and the code of the server's answer: `EENVELOPE 550`. */
function reasonOf(error: unknown): string {
  const { code, responseCode, name } = error as Record<string, unknown>;
  return [code ?? name ?? 'unknown', responseCode].filter(Boolean).join(' ').slice(0, 100);
}

/** The server will never take this mail (RFC 5321 section 4.2.1: 5yz), for its address or content. */
function isRefused(error: unknown): boolean {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && (responseCode ?? 0) >= 500;
}

/** Doubles from 30 seconds to an hour. */
function delayAfter(attempts: number): number {
  return Math.min(firstDelaySeconds * 2 ** (attempts - 1), longestDelaySeconds);
}
