/** RFC 8252 sections 7 and 8, RFC 9700 sections 2.6 and 4.1: where codes may be sent. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkRedirectUri,
  inferApplicationType,
  isRegisteredOrigin,
  isRegisteredUri,
  type RedirectUriRules,
} from '../../src/clients/redirect-uris.ts';

const web: RedirectUriRules = { applicationType: 'web', production: true };
const webInDevelopment: RedirectUriRules = { applicationType: 'web', production: false };
const native: RedirectUriRules = { applicationType: 'native', production: true };
const everyRule = { web, webInDevelopment, native };

describe('who may use which scheme and host', () => {
  type Row = [uri: string, allowed: (keyof typeof everyRule)[]];
  test.each<Row>([
    ['https://app.test/callback', ['web', 'webInDevelopment', 'native']],
    ['https://app.test', ['web', 'webInDevelopment', 'native']],
    ['https://app.test?tenant=acme', ['web', 'webInDevelopment', 'native']],
    ['https://app.test:8443/callback?tenant=acme', ['web', 'webInDevelopment', 'native']],
    ['https://xn--bcher-kva.test/callback', ['web', 'webInDevelopment', 'native']],
    ['http://app.test/callback', []],
    ['http://localhost:8765/callback', ['webInDevelopment', 'native']],
    ['http://127.0.0.1/callback', ['webInDevelopment', 'native']],
    ['http://127.0.0.1:5555/callback', ['webInDevelopment', 'native']],
    ['http://[::1]:5555/callback', ['webInDevelopment', 'native']],
    ['https://localhost:8443/callback', ['webInDevelopment']],
    ['com.example.app:/callback', ['native']],
    ['com.example.app://callback', ['native']],
    ['com.googleusercontent.apps.123-abc:/oauth2redirect', ['native']],
    ['cursor://anysphere.cursor-mcp/oauth/callback', ['native']],
    ['vscode://publisher.extension/callback', ['native']],
    ['vscode-insiders:/callback', ['native']],
    ['cursor:', []],
    ['cursor:callback', []],
    ['cursors://callback', []],
    ['myapp:/callback', []],
    ['myapp://callback', []],
    ['x-apple.systempreferences:/callback', []],
    ['com.example.app:callback', []],
    ['com.example.app:', []],
    ['javascript:alert(1)', []],
    ['javascript://app.test/%28alert%281%29%29', []],
    ['data:text/html,hello', []],
    ['vbscript:x', []],
    ['file:///etc/passwd', []],
    ['blob:https://app.test/1', []],
    ['about:blank', []],
    ['view-source:https://app.test', []],
    ['intent://app.test', []],
    ['ftp://app.test/callback', []],
    ['urn:ietf:wg:oauth:2.0:oob', []],
  ])('%s: %j', (uri, allowed) => {
    const accepting = Object.entries(everyRule)
      .filter(([, rules]) => checkRedirectUri(uri, rules) === undefined)
      .map(([name]) => name);
    expect(accepting).toEqual(allowed);
  });
});

describe('what an application is that does not say', () => {
  const https = 'https://app.test/callback';
  test.each<['web' | 'native', string[]]>([
    ['web', [https]],
    ['web', []],
    ['web', ['https://localhost/callback']],
    ['web', ['no address']],
    ['native', ['http://localhost:8765/callback']],
    ['native', ['http://127.0.0.1/callback']],
    ['native', ['http://[::1]/callback']],
    ['native', ['com.example.app:/callback']],
    ['native', ['cursor://callback']],
    ['native', [https, 'http://localhost/callback', 'cursor://callback']],
  ])('%s: %j', (type, uris) => {
    expect(inferApplicationType(uris)).toBe(type);
  });
});

describe('what is refused for every application', () => {
  test.each([
    ['nothing', '', /RFC 3986/],
    ['a path alone', '/callback', /absolute/],
    ['a host alone', 'app.test/callback', /absolute/],
    ['no scheme', '//app.test/callback', /absolute/],
    ['a fragment', 'https://app.test/callback#x', /fragment/],
    ['an empty fragment', 'https://app.test/callback#', /fragment/],
    ['a user name', 'https://app.test@evil.test/callback', /user name/],
    ['a password', 'https://user:password@app.test/callback', /user name/],
    ['empty userinfo', 'https://@app.test/callback', /user name/],
    ['userinfo under an own scheme', 'com.example.app://user@host/callback', /user name/],
    ['a wildcard host', 'https://*.app.test/callback', /wildcard/],
    ['a wildcard path', 'https://app.test/*', /wildcard/],
    ['an encoded wildcard host', 'https://%2a.app.test/callback', /normal form/],
    ['a backslash', 'https://app.test\\@evil.test/callback', /RFC 3986/],
    ['an encoded backslash', 'https://app.test/%5c..%5cevil', /slashes/],
    ['an encoded slash', 'https://app.test/callback/..%2fevil', /slashes/],
    ['a space', 'https://app.test/call back', /RFC 3986/],
    ['a space before', ' https://app.test/callback', /RFC 3986/],
    ['a tab in the scheme', 'java\tscript:alert(1)', /RFC 3986/],
    ['a tab in the host', 'https://app\t.test/callback', /RFC 3986/],
    ['a line break after', 'https://app.test/callback\n', /RFC 3986/],
    ['NUL', 'https://app.test/\0', /RFC 3986/],
    ['an encoded line break', 'https://app.test/%0d%0aSet-Cookie:x', /control/],
    ['a broken percent-encoding', 'https://app.test/%zz', /percent/],
    ['markup', 'https://app.test/"><script>', /RFC 3986/],
    ['a right-to-left override', 'https://app.test/\u202ehtap', /RFC 3986/],
    ['a capital scheme', 'HTTPS://app.test/callback', /normal form/],
    ['a capital host', 'https://App.test/callback', /normal form/],
    ['the default port', 'https://app.test:443/callback', /normal form/],
    ['a path that climbs', 'https://app.test/callback/../evil', /normal form/],
    ['a path that climbs, encoded', 'https://app.test/callback/%2e%2e/evil', /normal form/],
    ['no slashes', 'https:app.test/callback', /normal form/],
    ['three slashes', 'https:///app.test/callback', /normal form/],
    ['a public IPv4 address', 'https://203.0.113.7/callback', /IP address/],
    ['a private IPv4 address', 'https://10.0.0.1/callback', /IP address/],
    ['a link-local address', 'http://169.254.169.254/callback', /IP address/],
    ['another loopback address', 'http://127.0.0.2/callback', /IP address/],
    ['the unspecified address', 'http://0.0.0.0/callback', /IP address/],
    ['an IPv6 address', 'https://[2001:db8::1]/callback', /IP address/],
    ['IPv4 in IPv6', 'http://[::ffff:7f00:1]/callback', /IP address/],
    ['short loopback', 'http://127.1/callback', /normal form/],
    ['decimal loopback', 'http://2130706433/callback', /normal form/],
    ['hexadecimal loopback', 'http://0x7f.1/callback', /normal form/],
    ['long IPv6 loopback', 'http://[0:0:0:0:0:0:0:1]/callback', /normal form/],
    ['a host that begins as loopback does', 'http://127.0.0.1.evil.test/callback', /https/],
    ['a host that begins with localhost', 'http://localhost.evil.test/callback', /https/],
    ['a host under localhost', 'https://app.localhost/callback', /under localhost/],
    ['a dot at the end of the host', 'https://app.test./callback', /letters, digits/],
    ['a comma in the host', 'https://app.test,evil.test/callback', /letters, digits/],
    ['Cyrillic letters in the host', 'https://\u0430pple.test/callback', /RFC 3986/],
    ['mixed scripts behind punycode', 'https://xn--pple-43d.test/callback', /look-alike/],
    ['broken punycode', 'https://xn--a/callback', /look-alike/],
    ['code in the query', 'https://app.test/callback?code=1', /parameter/],
    ['state in the query', 'https://app.test/callback?a=1&state=2', /parameter/],
    ['error in the query', 'https://app.test/callback?error=x', /parameter/],
    ['iss in the query', 'https://app.test/callback?iss', /parameter/],
    ['response in the query', 'https://app.test/callback?response=x', /parameter/],
    ['encoded code in the query', 'https://app.test/callback?c%6fde=1', /parameter/],
    ['Code in the query', 'https://app.test/callback?Code=1', /parameter/],
    ['code[] in the query', 'https://app.test/callback?code[]=1', /parameter/],
    ['code under an own scheme', 'com.example.app:/callback?code=1', /parameter/],
    ['2,001 characters', `https://app.test/${'a'.repeat(1984)}`, /2000/],
    ['a megabyte', `https://app.test/${'a'.repeat(1_000_000)}`, /2000/],
  ])('%s', (_what, uri, reason) => {
    for (const rules of Object.values(everyRule)) {
      expect(checkRedirectUri(uri, rules)).toMatch(reason);
    }
  });

  test('2,000 characters are accepted', () => {
    expect(checkRedirectUri(`https://app.test/${'a'.repeat(1983)}`, web)).toBeUndefined();
  });
});

describe('for any text', () => {
  const piece = fc.constantFrom(
    ...['https:', 'http:', 'com.example.app:', '//', '/', '@', '#', '?', '&', 'code=', '%2e', '..'],
    ...['localhost', '127.0.0.1', '[::1]', ':80', 'app.test', 'evil.test', '\\', '\t', '*', 'xn--'],
  );
  const anyUri = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  );
  const anyRules = fc.constantFrom(...Object.values(everyRule));

  test('a reason is a sentence for an error_description, and never holds the text', () => {
    fc.assert(
      fc.property(anyUri, anyRules, (uri, rules) => {
        expect(checkRedirectUri(uri, rules) ?? 'accepted').toMatch(/^[ !#-[\]-~]{1,200}$/);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is accepted has one reading, and goes over TLS or stays on the device', () => {
    fc.assert(
      fc.property(anyUri, anyRules, (uri, rules) => {
        if (checkRedirectUri(uri, rules) !== undefined) return;
        const { href, protocol, hostname, username, password, hash } = new URL(uri);
        expect([uri, `${uri}/`, uri.replace('?', '/?')]).toContain(href);
        expect([username, password, hash]).toEqual(['', '', '']);
        const onDevice = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
        if (protocol === 'http:') expect(onDevice).toBe(true);
        if (onDevice) expect(rules).not.toBe(web);
        if (rules.applicationType === 'web') expect(protocol).toMatch(/^https?:$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('RFC 8252 section 7.3: a request’s address and a registered one', () => {
  const registered = ['http://127.0.0.1:1/cb?x=1', 'https://app.test:8443/cb', 'com.app:/cb'];

  test.each<[uri: string, native: boolean, web: boolean]>([
    ['http://127.0.0.1:1/cb?x=1', true, true],
    ['http://127.0.0.1/cb?x=1', true, false],
    ['http://127.0.0.1:50123/cb?x=1', true, false],
    ['http://127.0.0.1:50123/cb', false, false],
    ['http://localhost:50123/cb?x=1', false, false],
    ['http://127.1:50123/cb?x=1', false, false],
    ['http://u@127.0.0.1:50123/cb?x=1', false, false],
    ['http://127.0.0.1:050123/cb?x=1', false, false],
    ['https://127.0.0.1:50123/cb?x=1', false, false],
    ['https://app.test/cb', false, false],
    ['com.app:/cb', true, true],
    ['not an address', false, false],
  ])('%s', (uri, asNative, asWeb) => {
    expect(isRegisteredUri(uri, registered, 'native')).toBe(asNative);
    expect(isRegisteredUri(uri, registered, 'web')).toBe(asWeb);
  });

  test.each<[origin: string, native: boolean, web: boolean]>([
    ['http://127.0.0.1:1', true, true],
    ['http://127.0.0.1:50123', true, false],
    ['https://app.test:8443', true, true],
    ['https://app.test', false, false],
    ['null', false, false],
  ])('scripts of %s', (origin, asNative, asWeb) => {
    expect(isRegisteredOrigin(origin, registered, 'native')).toBe(asNative);
    expect(isRegisteredOrigin(origin, registered, 'web')).toBe(asWeb);
  });
});
