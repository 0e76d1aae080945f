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

/** A mail in plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands one mail over. Rejects when it was not taken. */
export type SendMail = (mail: Mail) => Promise<void>;

export interface TransportSettings {
  /** `smtp://` or `smtps://` with everything in it; undefined: no mail goes out. */
  readonly smtpUrl: string | undefined;
  /** The sender's address. */
  readonly from: string;
  readonly production: boolean;
  readonly log: Pick<Logger, 'info'>;
}

/** In production no SMTP server is set, so mail waits. */
class NoMailServerError extends Error {
  override readonly name = 'NoMailServerError';
  readonly code = 'no_mail_server';
}

const patienceMs = 20_000;

/** @returns how mail is sent under these settings. */
export function mailTransport({ smtpUrl, from, production, log }: TransportSettings): SendMail {
  if (smtpUrl !== undefined) return smtpTransport(smtpUrl, from);
  if (production) {
    return async () => {
      throw new NoMailServerError('SMTP_URL is not set, so no mail goes out');
    };
  }
  return async (mail) => log.info({ mail }, 'mail, shown here since SMTP_URL is not set');
}

/** What speaks SMTP is loaded with the first mail: most nodes send few, and some none. */
function smtpTransport(url: string, from: string): SendMail {
  let transport: Promise<Transporter> | undefined;
  return async ({ to, subject, text }) => {
    transport ??= openTransport(url);
    await (await transport).sendMail({ from, to, subject, text });
  };
}

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
