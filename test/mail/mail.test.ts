/** What a mail says: both parts alike, and nothing in it that somebody else has chosen to mislead. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWithBrand } from '../../src/catalogue-files/load.ts';
import { harmlessName, type MailWish, writeMail } from '../../src/mail/mail.ts';
import { texts } from '../support/texts.ts';

const parts = { issuer: 'https://usher.test', messages: texts };

function invitationTo(name: string, change: Partial<MailWish> = {}) {
  return writeMail(parts, { ...wishTo(name), ...change });
}

function wishTo(name: string): MailWish {
  const until = { time: new Date('2026-11-28T21:30:00Z') };
  const values = { name: { name }, email: { email: 'ada@x.test' }, until };
  const path = '/invitations/usher_inv_sample';
  const keys = {
    subject: 'invitation-mail.subject',
    lead: 'invitation-mail.lead',
    button: 'invitation-mail.button',
    after: 'invitation-mail.after',
  };
  return { to: 'ada@x.test', texts: keys, path, values };
}

test('says the same in plain text and in HTML, with one link', () => {
  const { html, subject, text } = invitationTo('Acme & Söhne');
  expect(subject).toBe('You’re invited to join Acme & Söhne');
  expect(html).toContain('join Acme &amp; Söhne');
  for (const part of [text, html]) {
    expect(part).toContain('https://usher.test/invitations/usher_inv_sample');
    expect(part).toContain('Accept or decline');
    expect(part).toContain('ada@x.test');
    expect(part).toContain('21:30 UTC');
    expect(part).toContain('Sent by Usher at usher.test');
  }
});

test('has the name, the colours and the links of the platform', () => {
  const { brand } = loadWithBrand(join(import.meta.dirname, '../catalogue/workbench'));
  const sent = writeMail({ ...parts, brand }, wishTo('Acme'));
  expect(sent.html).toContain('<p class="product">Workbench</p>');
  expect(sent.html).toContain('background: #5a3fd0; color: #ffffff');
  expect(sent.html).toContain('background: #b9aaff; color: #0e1412');
  expect(sent.html).not.toMatch(/#15604f|#6fd3b4/);
  expect(sent.html).toContain('<a href="mailto:help@workbench.example">Support</a>');
  for (const line of [
    'Support: help@workbench.example',
    'Terms: https://workbench.example/terms',
    'Privacy: https://workbench.example/privacy',
  ]) {
    expect(sent.text.split('\n')).toContain(line);
  }
});

/** Addresses that a mail program would find in a text by itself. */
const found = /(?:https?:\/\/|www\.)\S+|[\w-]+(?:\.[\w-]+)+(?:\/\S*)?|\S+@\S+/gi;

describe('a name in a mail', () => {
  test.each([
    ['a line break and a header', 'Acme\r\nBcc: everybody@evil.test'],
    ['a bare line break', 'Acme\nOpen https://evil.test/now'],
    ['a separator of lines', 'Acme\u2028Open evil.test'],
    ['an encoded word', '=?utf-8?q?Usher?='],
    ['a web address', 'https://usher.test.evil.test/set-up'],
    ['a host', 'usher-login.test'],
    ['a host under an ideographic full stop', 'usher。evil。test'],
    ['a mail address', 'support@usher.test'],
    ['HTML', '<a href="https://evil.test">Sign in</a>'],
    ['a reversed text', 'Acme \u202etset.live'],
    ['a path', 'evil/login'],
  ])('with %s leads nowhere', (_what, name) => {
    const { html, subject, text } = invitationTo(name);
    expect(subject).not.toMatch(/[\r\n\u2028\u2029\u202a-\u202e]|=\?/);
    expect(subject.match(found)).toBeNull();
    const links = html.match(/href="[^"]+"/g) ?? [];
    expect(new Set(links)).toEqual(
      new Set(['href="https://usher.test/invitations/usher_inv_sample"']),
    );
    const lead = text.slice(0, text.indexOf('Accept or decline'));
    expect(lead.match(found)).toBeNull();
  });

  test.each(['Acme', 'Müller & Söhne', 'O’Neill', '東京データ', 'Team 7 (EU)'])(
    'stays as it is: %s',
    (name) => expect(harmlessName(name)).toBe(name),
  );
});

test.each(['a@x.test\r\nBcc: b@x.test', 'A@x.test', 'Ada <a@x.test>', 'a@x.test, b@x.test'])(
  'goes to one address in its normal form, not to "%s"',
  (to) => expect(() => invitationTo('Acme', { to })).toThrow(RangeError),
);
