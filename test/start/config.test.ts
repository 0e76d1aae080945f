/** Configuration faults are told all at once, each with its name, and the start is refused. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigurationError, readConfig } from '../../src/config.ts';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).faults;
  }
}

const production = {
  NODE_ENV: 'production',
  ISSUER: 'https://auth.example.com',
  DATABASE_URL: 'postgres://db.internal/usher',
  USHER_KEY: 'Y2hhbmdlIG1lLCBJIGFtIG9ubHkgZm9yIHRlc3RzISE=',
};

describe('readConfig', () => {
  test('mail comes from the host of the issuer, unless something else is said', () => {
    expect(readConfig({})).toMatchObject({ smtpUrl: undefined, mailFrom: 'usher@localhost' });
    expect(readConfig({ ...production, SMTP_URL: 'smtps://mail.internal' })).toMatchObject({
      smtpUrl: 'smtps://mail.internal',
      mailFrom: 'usher@auth.example.com',
    });
    expect(readConfig({ MAIL_FROM: 'Usher <no-reply@example.com>' }).mailFrom).toContain(
      '<no-reply',
    );
    const faults = faultsOf({ SMTP_URL: 'http://mail', MAIL_FROM: 'a@b\r\nBcc: c@d' });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['SMTP_URL', 'MAIL_FROM']);
  });

  test.each([
    ['one character', 'k'.repeat(44)],
    ['few characters', 'abcabdabeacbadbaeabcabdabeacbadbaeabc'],
    ['a text over and over', 'change-me-change-me-change-me-change-me-'],
    ['a sequence', '0123456789abcdefghijklmnopqrstuvwxyz'],
  ])('a USHER_KEY of %s is refused', (_what, key) => {
    const faults = faultsOf({ ...production, USHER_KEY: key });
    expect(faults).toEqual([expect.stringMatching(/^USHER_KEY: is easy to guess/)]);
    expect(faults.join()).not.toContain(key);
  });

  test.each(['base64', 'hex'] as const)('32 random bytes in %s are accepted', (form) => {
    for (let n = 0; n < 2_000; n++) {
      expect(faultsOf({ ...production, USHER_KEY: randomBytes(32).toString(form) })).toEqual([]);
    }
  });

  test('the audit trail is kept for ever, or for 30 days and more', () => {
    expect(readConfig({}).auditRetentionDays).toBeUndefined();
    expect(readConfig({ AUDIT_RETENTION_DAYS: '365' }).auditRetentionDays).toBe(365);
    for (const days of ['29', '0', '-1', '1.5', 'year']) {
      expect(faultsOf({ AUDIT_RETENTION_DAYS: days })).toEqual([
        expect.stringMatching(/^AUDIT_RETENTION_DAYS: /),
      ]);
    }
  });

  test('needs nothing to try Usher: the embedded database, with the demo', () => {
    expect(readConfig({})).toMatchObject({
      issuer: 'http://localhost:3000',
      databaseUrl: undefined,
      demo: true,
      dynamicRegistration: true,
    });
  });

  test('an empty setting counts as absent', () => {
    expect(readConfig({ DATABASE_URL: '', PORT: '' })).toMatchObject({ port: 3000 });
  });

  test('accepts a complete production setup, without the demo', () => {
    expect(readConfig(production)).toMatchObject({ isProduction: true, demo: false });
  });

  test.each<[sentence: string, environment: Record<string, string>, ...faults: RegExp[]]>([
    ['a bare production', { NODE_ENV: 'production' }, /^ISSUER/, /^DATABASE_URL/, /^USHER_KEY/],
    [
      'an http issuer in production',
      { ...production, ISSUER: 'http://localhost' },
      /^ISSUER.*https/,
    ],
    ['demo in production', { ...production, DEMO: 'on' }, /^DEMO.*production/],
    ['an http issuer beyond loopback', { ISSUER: 'http://auth.example.com' }, /^ISSUER.*loopback/],
    ['an issuer with a path', { ISSUER: 'https://example.com/auth' }, /^ISSUER.*origin/],
    ['an issuer with a slash at its end', { ISSUER: 'https://example.com/' }, /^ISSUER.*origin/],
    ['no address at all', { ISSUER: 'somewhere' }, /^ISSUER/],
    ['an RP ID of another site', { RP_ID: 'example.org' }, /^RP_ID.*localhost/],
    [
      'an RP ID for an address',
      { ISSUER: 'http://127.0.0.1:3000', RP_ID: '127.0.0.1' },
      /^RP_ID.*IP/,
    ],
    ['demo beyond loopback', { HOST: '0.0.0.0' }, /^DEMO.*HOST/],
    ['PostgreSQL without a key', { DATABASE_URL: 'postgres://x/y' }, /^USHER_KEY/],
    [
      'several malformed settings at once',
      { PORT: 'abc', USHER_KEY: 'short', DEMO: 'perhaps', LOG_LEVEL: 'loud' },
      /^PORT/,
      /^USHER_KEY/,
      /^DEMO/,
      /^LOG_LEVEL/,
    ],
    [
      'a malformed setting beside missing ones',
      { NODE_ENV: 'production', PORT: 'abc' },
      /^PORT/,
      /^ISSUER/,
      /^DATABASE_URL/,
      /^USHER_KEY/,
    ],
    [
      'malformed settings once each, and nothing that follows from them',
      { DATABASE_URL: 'mysql://x/y', USHER_KEY: 'short', DEMO: 'perhaps', HOST: '0.0.0.0' },
      /^DATABASE_URL.*postgres:/,
      /^USHER_KEY.*32/,
      /^DEMO.*Invalid/,
    ],
    [
      'what is wrong with a malformed production',
      { ...production, DATABASE_URL: 'mysql://x/y', DEMO: 'on', ISSUER: 'http://localhost' },
      /^DATABASE_URL.*postgres:/,
      /^DEMO/,
      /^ISSUER/,
    ],
    [
      'what is malformed together with what is missing or does not fit',
      { NODE_ENV: 'production', ISSUER: 'http://x', USHER_KEY: 'short', PORT: 'abc' },
      /^PORT/,
      /^USHER_KEY.*32/,
      /^ISSUER.*https/,
      /^DATABASE_URL/,
    ],
  ])('refuses %s', (_sentence, environment, ...expected) => {
    const faults = faultsOf(environment).toSorted();
    expect(faults).toHaveLength(expected.length);
    for (const fault of expected) expect(faults.some((text) => fault.test(text))).toBe(true);
  });
});

test('the page of settings names every setting', () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  const listed = read('config/settings.md').matchAll(/^\| `([A-Z_]+)` \|/gm);
  const settings = read('src/config.ts').matchAll(/^ {2}([A-Z_]+): (?:z|wholeNumber|onOff)\b/gm);
  const names = Array.from(settings, ([, name]) => name).toSorted();
  expect(names).toContain('ISSUER');
  expect(Array.from(listed, ([, name]) => name).toSorted()).toEqual(names);
});
