/** Mail goes out once, is tried again, gives up, and never shows a link where it must not. */

import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { type MailSenderSettings, sendDueMail, startMailSender } from '../../src/mail/sender.ts';
import { mailTransport } from '../../src/mail/transport.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  claimMail,
  dropMailTo,
  listUnsentMail,
  putMail,
  removeMail,
} from '../../src/storage/people/mail-outbox.ts';
import { commandsOn } from '../operator/operators.ts';
import { openTestDatabase } from '../support/database.ts';
import { startSmtpServer } from './smtp-server.ts';

const database = await openTestDatabase();
const { db } = database;
const smtp = await startSmtpServer();
afterAll(async () => {
  await smtp.close();
  await database.close();
});

const empty = statement('delete from mail_outbox');
const rows = statement(`
  select kind, attempts, failed_at is not null as failed, next_attempt_at > now() as waits
    from mail_outbox`);
const makeDue = statement('update mail_outbox set next_attempt_at = now()');

const logged: unknown[] = [];
const log = {
  info: (...line: unknown[]) => logged.push(line),
  warn: (...line: unknown[]) => logged.push(line),
};
const mail: Mail = {
  to: 'b@x.test',
  subject: 'Grüße',
  text: 'https://x.test/the-secret-link',
  html: '<a href="https://x.test/the-secret-link">Open</a>',
};

function settings(change: Partial<MailSenderSettings> = {}): MailSenderSettings {
  const send = mailTransport({ smtpUrl: smtp.url, from: 'a@x.test', production: true, log });
  return { db, send, log, compose: { sample: async () => mail }, ...change };
}

beforeEach(async () => {
  await db.query(empty);
  smtp.taken.length = 0;
  smtp.answer = '250 ok';
  logged.length = 0;
});

describe('the sender', () => {
  test('hands a mail over and forgets it', async () => {
    await putMail(db, 'sample', newId());
    expect(await sendDueMail(settings())).toBe(1);
    expect(smtp.taken).toHaveLength(1);
    expect(smtp.taken[0]).toContain('To: b@x.test');
    expect(smtp.taken[0]).toMatch(/multipart\/alternative.*text\/plain.*text\/html/s);
    expect(smtp.taken[0]).toContain('Auto-Submitted: auto-generated');
    expect(await db.query(rows)).toEqual([]);
  });

  test('sends each mail once, however many send', async () => {
    for (let made = 0; made < 12; made++) await putMail(db, 'sample', newId());
    const sent = await Promise.all([1, 2, 3].map(() => sendDueMail(settings())));
    expect(sent.reduce((sum, count) => sum + count)).toBe(12);
    expect(smtp.taken).toHaveLength(12);
  });

  test('tries again later, and shows nothing of the mail in the log', async () => {
    smtp.answer = '451 not now';
    await putMail(db, 'sample', newId());
    await sendDueMail(settings());
    expect(await db.query(rows)).toMatchObject([{ attempts: 1, failed: false, waits: true }]);
    expect(await sendDueMail(settings())).toBe(0);
    expect(JSON.stringify(logged)).toContain('451');
    expect(JSON.stringify(logged)).not.toContain('secret');

    smtp.answer = '250 ok';
    await db.query(makeDue);
    await sendDueMail(settings());
    expect(smtp.taken).toHaveLength(1);
  });

  test('gives up on an address that is refused for good, until it is asked for anew', async () => {
    smtp.answer = '550 no such person';
    const about = newId();
    await putMail(db, 'sample', about);
    await sendDueMail(settings());
    await db.query(makeDue);
    expect(await sendDueMail(settings())).toBe(0);
    expect(await db.query(rows)).toMatchObject([{ failed: true }]);
    await putMail(db, 'sample', about);
    expect(await db.query(rows)).toMatchObject([{ failed: false, attempts: 0 }]);
  });

  test('keeps what was given up for operators, who can have it tried again', async () => {
    const run = commandsOn(db, 'https://usher.test');
    await run('operator', 'add', 'operator@x.test');
    smtp.answer = '550 no such person: https://x.test/the-secret-link';
    await putMail(db, 'sample', newId());
    await sendDueMail(settings());
    const { mails } = await run('mail', 'failed');
    const given = { to: 'b@x.test', reason: 'EENVELOPE 550', state: 'given up', attempts: 1 };
    expect(mails).toMatchObject([{ kind: 'sample', ...given }]);
    expect(JSON.stringify(mails)).not.toContain('secret');

    smtp.answer = '250 ok';
    expect(await run('mail', 'retry')).toMatchObject({ outcome: 'changed', mails: 1 });
    await sendDueMail(settings());
    expect(smtp.taken).toHaveLength(1);
    expect(await run('mail', 'retry')).toMatchObject({ outcome: 'unchanged' });
    expect(await run('mail', 'failed')).toMatchObject({ mails: [] });
    await expect(run('mail', 'retry', 'x')).rejects.toMatchObject({ exitCode: 2 });
  });

  test('lists what waits for a server that is down, and forgets it with its account', async () => {
    await putMail(db, 'sample', newId());
    const away = async () =>
      Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    await sendDueMail(settings({ send: away }));
    expect(await listUnsentMail(db, 10)).toMatchObject([
      { recipient: 'b@x.test', reason: 'ECONNREFUSED', failedAt: undefined },
    ]);
    await dropMailTo(db, 'b@x.test');
    expect(await db.query(rows)).toEqual([]);
  });

  test('drops what there is nothing to tell of any more', async () => {
    await putMail(db, 'sample', newId());
    await sendDueMail(settings({ compose: { sample: async () => undefined } }));
    expect(smtp.taken).toEqual([]);
    expect(await db.query(rows)).toEqual([]);
  });

  test('leaves mail of a kind that it does not know to others', async () => {
    await putMail(db, 'strange', newId());
    await sendDueMail(settings());
    expect(await db.query(rows)).toMatchObject([{ kind: 'strange', attempts: 0 }]);
  });

  test('keeps what was asked for again while it was being sent', async () => {
    const about = newId();
    await putMail(db, 'sample', about);
    const claimed = await claimMail(db, ['sample'], 60);
    await putMail(db, 'sample', about);
    if (claimed) await removeMail(db, claimed);
    expect(await db.query(rows)).toMatchObject([{ attempts: 0, waits: false }]);
  });

  test('runs until it is stopped', async () => {
    await putMail(db, 'sample', newId());
    const stop = startMailSender(settings(), 3600);
    await expect.poll(() => smtp.taken.length).toBe(1);
    await stop();
    expect(await db.query(rows)).toEqual([]);
  });
});

describe('without an SMTP server', () => {
  test('in development, the mail is in the log', async () => {
    const send = mailTransport({ smtpUrl: undefined, from: 'a@x.test', production: false, log });
    await putMail(db, 'sample', newId());
    await sendDueMail(settings({ send }));
    expect(JSON.stringify(logged)).toContain('the-secret-link');
    expect(await db.query(rows)).toEqual([]);
  });

  test('in production, the mail waits and the log says why', async () => {
    const send = mailTransport({ smtpUrl: undefined, from: 'a@x.test', production: true, log });
    await putMail(db, 'sample', newId());
    await sendDueMail(settings({ send }));
    expect(JSON.stringify(logged)).toContain('no_mail_server');
    expect(JSON.stringify(logged)).not.toContain('secret');
    expect(await db.query(rows)).toMatchObject([{ failed: false, waits: true }]);
  });
});
