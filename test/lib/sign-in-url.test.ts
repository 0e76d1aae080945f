/** `SIGN_IN_URL`: a fault says what is wrong, and what to do. */

import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { signInUrlFault } from '../../src/lib/sign-in-url.ts';

const issuer = 'https://usher.example.com';
const faultOf = (address: string, isProduction = true) =>
  signInUrlFault(address, { isProduction, issuer, page: 'sign-in page' });

describe('an address that cannot be the platform’s sign-in page', () => {
  test.each([
    ['console.example.com/usher', /sign-in page, such as https:\/\//],
    ['https://', /such as https:\/\//],
    ['javascript:alert(1)', /such as https:\/\//],
    ['ftp://console.example.com/', /such as https:\/\//],
    ['https://usher.example.com/sign-in', /leave the setting out/],
    ['https://ada@console.example.com/', /before the @/],
    ['https://:secret@console.example.com/', /before the @/],
    ['https://console.example.com/#sign-in', /leave out the #/],
    ['https://console.example.com/?challenge=x&a=b', /must not hold challenge: .*leave it out/],
    ['https://console.example.com/?prompt=login&login_hint=', /must not hold prompt, login_hint/],
    ['http://console.example.com/usher', /serve your sign-in page by https/],
    ['http://localhost:8080/usher', /serve your sign-in page by https/],
  ])('%s', (address, told) => expect(faultOf(address)).toMatch(told));

  test('outside production: by http on another machine', () => {
    expect(faultOf('http://console.example.com/usher', false)).toMatch(/must be https/);
  });
});

test.each([
  ['https://console.example.com/usher', true],
  ['https://console.example.com/usher?from=usher', true],
  ['http://localhost:8080/usher', false],
  ['http://127.0.0.1:8080/', false],
  ['http://[::1]:8080/', false],
])('%s can be one (in production: %s)', (address, isProduction) => {
  expect(faultOf(address, isProduction)).toBeUndefined();
});

test('the start is refused with the name of the setting', () => {
  expect(() => readConfig({ SIGN_IN_URL: 'console' })).toThrow(
    /SIGN_IN_URL: must be the address of your sign-in page/,
  );
  expect(() => readConfig({ CONSOLE_URL: 'console' })).toThrow(
    /CONSOLE_URL: must be the address of your console/,
  );
  expect(() => readConfig({ SIGN_IN_URL: `https://a.test/${'x'.repeat(2_000)}` })).toThrow(
    /SIGN_IN_URL: must have 2,000 characters/,
  );
});
