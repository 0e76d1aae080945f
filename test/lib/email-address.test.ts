/** One address, one account: the rule is applied wherever an address is written or looked up. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressFault, asciiForm, normalizeEmail } from '../../src/lib/email-address.ts';

describe('normalizeEmail', () => {
  test.each([
    ['as it is', 'admin@acme.test', 'admin@acme.test'],
    ['capital letters', 'Admin@ACME.Test', 'admin@acme.test'],
    ['space around', '  admin@acme.test\n', 'admin@acme.test'],
    ['a dot that ends the domain', 'admin@acme.test.', 'admin@acme.test'],
    ['the fullwidth @', 'admin\uff20acme.test', 'admin@acme.test'],
    ['fullwidth letters', '\uff41dmin@acme.test', 'admin@acme.test'],
    ['the Kelvin sign', '\u212aim@acme.test', 'kim@acme.test'],
    ['a tag', 'admin+usher@acme.test', 'admin+usher@acme.test'],
    ['an apostrophe', "o'neil@acme.test", "o'neil@acme.test"],
    ['a punycode domain', 'admin@xn--bcher-kva.test', 'admin@xn--bcher-kva.test'],
    ['the longest local part', `${'a'.repeat(64)}@acme.test`, `${'a'.repeat(64)}@acme.test`],
  ])('%s', (_what, text, form) => {
    expect(normalizeEmail(text)).toBe(form);
  });

  test.each([
    ['nothing', ''],
    ['no @', 'acme.test'],
    ['no local part', '@acme.test'],
    ['no domain', 'admin@'],
    ['one label', 'admin@localhost'],
    ['two @', 'admin@evil.test@acme.test'],
    ['an address literal', 'admin@[127.0.0.1]'],
    ['an IPv4 address', 'admin@127.0.0.1'],
    ['a quoted local part', '"admin"@acme.test'],
    ['two dots together', 'ad..min@acme.test'],
    ['a dot at the end of the local part', 'admin.@acme.test'],
    ['two dots at the end of the domain', 'admin@acme.test..'],
    ['a label that begins with a hyphen', 'admin@-acme.test'],
    ['a space inside', 'ad min@acme.test'],
    ['a line break inside (header injection)', 'admin@acme.test\nbcc:x@evil.test'],
    ['NUL', 'admin\0@acme.test'],
    ['a Cyrillic look-alike in the local part', '\u0430dmin@acme.test'],
    ['a Cyrillic look-alike in the domain', 'admin@\u0430cme.test'],
    ['a dotless i', 'adm\u0131n@acme.test'],
    ['a zero-width space', 'adm\u200bin@acme.test'],
    ['a display name', 'Admin <admin@acme.test>'],
    ['two addresses', 'admin@acme.test,evil@evil.test'],
    ['a local part of 65', `${'a'.repeat(65)}@acme.test`],
    ['a label of 64', `admin@${'a'.repeat(64)}.test`],
    ['255 characters', `admin@${'a.'.repeat(124)}b`],
    ['a megabyte', `${'a'.repeat(1_000_000)}@acme.test`],
  ])('refuses %s', (_what, text) => {
    expect(normalizeEmail(text)).toBeUndefined();
  });

  test('the form of a form is itself, and it is short printable ASCII', () => {
    const anything = fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anything, (text) => {
        const form = normalizeEmail(text);
        if (form === undefined) return;
        expect(normalizeEmail(form)).toBe(form);
        expect(form).toMatch(/^[\x21-\x7e]{3,254}$/);
      }),
    );
  });

  test('whatever the case, it is one account', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(normalizeEmail(address.toUpperCase())).toBe(normalizeEmail(address));
      }),
    );
  });
});

describe('asciiForm', () => {
  test.each([
    ['an umlaut', 'ada@exämple.com', 'ada@xn--exmple-cua.com'],
    ['capital letters and space', ' Ada@EXÄMPLE.com ', 'ada@xn--exmple-cua.com'],
    ['a letter of two code points', 'ada@exa\u0308mple.com', 'ada@xn--exmple-cua.com'],
    ['another script', 'ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['a Cyrillic look-alike', 'admin@\u0430cme.test', 'admin@xn--cme-5cd.test'],
  ])('says what to enter for %s', (_what, text, form) => {
    expect(asciiForm(text)).toBe(form);
    expect(normalizeEmail(form)).toBe(form);
    expect(addressFault(text)).toContain('in ASCII (xn--');
  });

  test.each([
    ['an address', 'ada@example.com'],
    ['nothing', ''],
    ['no @', 'exämple.com'],
    ['no local part', '@exämple.com'],
    ['a local part outside ASCII', 'ädä@exämple.com'],
    ['one label', 'ada@exämple'],
    ['a path after it', 'ada@exämple.com/x'],
    ['a port after it', 'ada@exämple.com:25'],
    ['another address after it', 'ada@exämple.com,eve@evil.test'],
    ['a megabyte', `ada@${'ä'.repeat(1_000_000)}.com`],
  ])('says nothing about %s', (_what, text) => {
    expect(asciiForm(text)).toBeUndefined();
    expect(addressFault(text)).toBe('must be an e-mail address');
  });
});
