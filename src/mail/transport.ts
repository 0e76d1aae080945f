/**
 * Where mail goes: to an SMTP server, or, where none is set, into the log.
 *
 * A link in a mail opens a door. It is shown in the log only where no mail can go out and nobody but
 * the developer reads the log; in production the log tells that mail waits, and the mail stays in
 * the outbox until a server is set.
 *
 * @module
 */

import type { Transporter } from 'nodemailer';
import type { Logger } from 'pino';
import type { Mail } from './mail.ts';
import type { SentMails } from './sent-mail.ts';

/** Hands one mail over. Rejects when it was not taken. */
export type SendMail = (mail: Mail) => Promise<void>;

export interface TransportSettings {
  /** `smtp://` or `smtps://` with everything in it; undefined: no mail goes out. */
  readonly smtpUrl: string | undefined;
  /** The sender's address. */
  readonly from: string;
  readonly production: boolean;
  readonly log: Pick<Logger, 'info'>;
  /** Where to keep what went out; undefined in production. */
  readonly sent?: SentMails | undefined;
}

/** In production no SMTP server is set, so mail waits. */
class NoMailServerError extends Error {
  override readonly name = 'NoMailServerError';
  readonly code = 'no_mail_server';
}

const patienceMs = 20_000;

/** @returns how mail is sent under these settings. */
export function mailTransport(settings: TransportSettings): SendMail {
  const send = transportOf(settings);
  return async (mail) => {
    await send(mail);
    settings.sent?.keep(mail);
  };
}

function transportOf({ smtpUrl, from, production, log }: TransportSettings): SendMail {
  if (smtpUrl !== undefined) return smtpTransport(smtpUrl, from);
  if (production) {
    return async () => {
      throw new NoMailServerError('SMTP_URL is not set, so no mail goes out');
    };
  }
  return async ({ to, subject, text }) => {
    const mail = { to, subject, text };
    log.info({ mail }, 'mail, shown here and at /dev/mail since SMTP_URL is not set');
  };
}

/** What speaks SMTP is loaded with the first mail: most nodes send few, and some none. */
function smtpTransport(url: string, from: string): SendMail {
  let transport: Promise<Transporter> | undefined;
  return async ({ to, subject, text, html }) => {
    transport ??= openTransport(url);
    await (await transport).sendMail({ from, to, subject, text, html, headers: automatic });
  };
}

/** Nobody's absence notice answers it (RFC 3834 section 5). */
const automatic = { 'Auto-Submitted': 'auto-generated' };

async function openTransport(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
