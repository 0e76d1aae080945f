/** RFC 7591 sections 2, 3.2.2 and 5, RFC 7592 section 2.2: what an application may register. */

import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MetadataRules, validateClientMetadata } from '../../src/clients/client-metadata.ts';

/** A catalogue of two scopes, one of which has a bare name; what it does not have is dropped. */
function expandScope(scope: string): string {
  const canonical = new Map([['read_user', 'user:read_user']]);
  const known = ['user:read_user', 'database:read_database'];
  const names = scope.split(' ').map((name) => canonical.get(name) ?? name);
  return names.filter((name) => known.includes(name)).join(' ');
}

const rules: MetadataRules = { production: true, expandScope };
const jwks = {
  keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })],
};

/** What most applications send; each case changes something. */
const usual = { redirect_uris: ['https://app.test/callback'], client_name: 'Acme Backup' };

/** `usual` as it is registered, with the defaults of RFC 7591 section 2. */
const registered = {
  ...usual,
  application_type: 'web',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  dpop_bound_access_tokens: false,
  id_token_signed_response_alg: 'RS256',
  require_pushed_authorization_requests: false,
};

const everyMember = {
  redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/callback'],
  client_name: 'Acme Backup',
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks,
  scope: 'user:read_user database:read_database',
  client_uri: 'https://app.test/',
  policy_uri: 'https://app.test/privacy',
  tos_uri: 'https://app.test/terms',
  logo_uri: 'https://app.test/logo.png',
  contacts: ['admin@acme.test'],
  software_id: '4NRB1-0XZABZI9E6-5SM3R',
  software_version: '2.1 (beta)',
  dpop_bound_access_tokens: true,
  id_token_signed_response_alg: 'ES256',
  require_pushed_authorization_requests: true,
};

describe('what is registered', () => {
  test.each<[sentence: string, change: Record<string, unknown>, result: Record<string, unknown>]>([
    ['fills in the defaults', {}, {}],
    ['an omitted method is client_secret_basic, never public', {}, registered],
    ['null counts as absent', { scope: null, jwks_uri: null, grant_types: null }, {}],
    ['a chosen id and secret are ignored', { client_id: 'demo-app', client_secret: 'x' }, {}],
    [
      'what only the server says is ignored',
      { registration_access_token: 'x', client_secret_expires_at: 0, client_id_issued_at: 1 },
      {},
    ],
    [
      'addresses that Usher never fetches or calls are dropped, which some clients always send',
      {
        ...{
          initiate_login_uri: 'https://app.test/l',
          frontchannel_logout_uri: 'https://app.test',
        },
        ...{ backchannel_logout_uri: 'https://app.test', request_uris: ['https://app.test/r'] },
        ...{ jwks_uri: 'https://app.test/jwks', sector_identifier_uri: 'https://app.test/s' },
      },
      {},
    ],
    ['unknown fields are ignored', { favourite_colour: '\u202e', 'client_name#fr': 'Usher' }, {}],
    ['what would make it a resource server is ignored', { resource_server: 'platform' }, {}],
    ['a prototype is no metadata', JSON.parse('{"__proto__":{"scope":"read_user"}}'), {}],
    ['scope becomes canonical', { scope: 'read_user' }, { scope: 'user:read_user' }],
    ['the name is folded', { client_name: ' \uff21cme ' }, { client_name: 'Acme' }],
    ['contacts get one form', { contacts: ['Admin@Acme.Test'] }, { contacts: ['admin@acme.test'] }],
    [
      'the order and repetition of grant types mean nothing',
      { grant_types: ['refresh_token', 'authorization_code', 'refresh_token'] },
      { grant_types: ['authorization_code', 'refresh_token'] },
    ],
    [
      'grant types that are not offered are dropped: the published list registers',
      {
        grant_types: [
          ...['authorization_code', 'implicit', 'refresh_token', 'client_credentials', 'password'],
          ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:openid:params:grant-type:ciba'],
        ],
      },
      { grant_types: ['authorization_code', 'refresh_token'] },
    ],
    ['a place to be sent back to is there for codes', { grant_types: ['implicit'] }, {}],
    ['no grant types, but a redirect URI', { grant_types: [] }, {}],
    [
      'response types that are not offered are dropped',
      { response_types: ['token', 'code id_token', 'none'] },
      {},
    ],
    ['no response types', { response_types: [] }, {}],
    [
      'scopes that are not there are dropped',
      { scope: 'bogus read_user address' },
      { scope: 'user:read_user' },
    ],
    [
      'more than one space is one',
      { scope: ' read_user  read_user ' },
      { scope: 'user:read_user user:read_user' },
    ],
    ['an empty scope is none', { scope: '' }, { scope: '' }],
    [
      'keys that are not for signing are dropped',
      { jwks: { keys: [...jwks.keys, { ...jwks.keys[0], use: 'enc' }, { kty: 'AKP' }] } },
      { jwks },
    ],
    ['a set without a key for signing is none', { jwks: { keys: [{ kty: 'AKP' }] } }, {}],
    [
      'loopback makes it native, in production too',
      { redirect_uris: ['http://localhost:8765/callback'] },
      { redirect_uris: ['http://localhost:8765/callback'], application_type: 'native' },
    ],
    [
      'a native one mixes https, loopback and schemes',
      { redirect_uris: ['https://app.test/cb', 'http://127.0.0.1/cb', 'cursor://app/cb'] },
      {
        redirect_uris: ['https://app.test/cb', 'http://127.0.0.1/cb', 'cursor://app/cb'],
        application_type: 'native',
      },
    ],
    [
      'no grants, no redirect URIs, no response types',
      { grant_types: [], redirect_uris: [] },
      { grant_types: [], redirect_uris: [], response_types: [] },
    ],
    [
      'a public native application',
      {
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://localhost/callback'],
      },
      {
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://localhost/callback'],
      },
    ],
    [
      'a native application may have a secret of its own',
      { application_type: 'native', token_endpoint_auth_method: 'client_secret_post' },
      { application_type: 'native', token_endpoint_auth_method: 'client_secret_post' },
    ],
  ])('%s', (_sentence, change, result) => {
    expect(validateClientMetadata({ ...usual, ...change }, rules)).toEqual({
      outcome: 'valid',
      metadata: { ...registered, ...result },
    });
  });

  test('every known member is kept as it is', () => {
    expect(validateClientMetadata(everyMember, rules)).toEqual({
      outcome: 'valid',
      metadata: everyMember,
    });
  });

  test('a name is not required, and then absent', () => {
    const checked = validateClientMetadata({ redirect_uris: usual.redirect_uris }, rules);
    expect(checked).toMatchObject({ outcome: 'valid' });
    expect(checked).not.toHaveProperty('metadata.client_name');
  });

  test('http on loopback is for web applications outside production only', () => {
    const uris = ['http://localhost:8765/callback'];
    const local = { ...usual, redirect_uris: uris, application_type: 'web' };
    expect(validateClientMetadata(local, { ...rules, production: false }).outcome).toBe('valid');
    expect(validateClientMetadata(local, rules)).toMatchObject({ error: 'invalid_redirect_uri' });
  });
});

describe('what is refused, with the member named', () => {
  const uris = (count: number) =>
    Array.from({ length: count }, (_, index) => `https://app.test/${index}`);

  test.each<[change: Record<string, unknown>, description: RegExp]>([
    [{ redirect_uris: [] }, /^redirect_uris must have an entry$/],
    [{ redirect_uris: null }, /^redirect_uris must have an entry$/],
    [{ redirect_uris: 'https://app.test/callback' }, /^redirect_uris must be a list$/],
    [{ redirect_uris: [1] }, /^redirect_uris\[0\] must be a string$/],
    [{ redirect_uris: uris(11) }, /^redirect_uris must have at most 10 entries$/],
    [{ redirect_uris: [...uris(2), 'http://v.test/cb'] }, /^redirect_uris\[2\] must use https$/],
    [{ redirect_uris: ['javascript:alert(1)'] }, /^redirect_uris\[0\] must use a scheme that is/],
    [
      { redirect_uris: ['com.example.app:/cb'], application_type: 'web' },
      /^redirect_uris\[0\] must use https$/,
    ],
    [{ redirect_uris: ['https://u:p@app.test/'] }, /^redirect_uris\[0\] must not hold a user/],
    [{ redirect_uris: ['https://*.app.test/'] }, /^redirect_uris\[0\] must not hold a wildcard$/],
    [{ redirect_uris: ['https://a.test/?code=1'] }, /^redirect_uris\[0\] must not have a query/],
    [{ redirect_uris: [...uris(1), ...uris(1)] }, /^redirect_uris must not repeat an entry$/],
  ])('invalid_redirect_uri: %j', (change, description) => {
    expect(validateClientMetadata({ ...usual, ...change }, rules)).toEqual({
      outcome: 'refused',
      error: 'invalid_redirect_uri',
      description: expect.stringMatching(description),
    });
  });

  test('ten redirect URIs are accepted', () => {
    const ten = { ...usual, redirect_uris: uris(10) };
    expect(validateClientMetadata(ten, rules).outcome).toBe('valid');
  });

  test.each<[change: Record<string, unknown>, description: RegExp]>([
    [{ client_name: 7 }, /^client_name must be a string$/],
    [{ client_name: 'G\u202eoogle' }, /^client_name must not hold control/],
    [{ client_name: 'Usher Official' }, /^client_name must not look like a name of Usher/],
    [{ client_name: 'a'.repeat(65) }, /^client_name must have at most 64 characters$/],
    [{ application_type: 'desktop' }, /^application_type must be one of web, native$/],
    [
      { grant_types: ['client_credentials'], redirect_uris: [] },
      /^grant_types must hold.*client_credentials is for service clients, which an operator/,
    ],
    [{ grant_types: [7] }, /^grant_types\[0\] must be a string$/],
    [{ grant_types: ['a b'] }, /^grant_types\[0\] must be the name of a grant type$/],
    [{ grant_types: 'authorization_code' }, /^grant_types must be a list$/],
    [
      { grant_types: ['refresh_token'], redirect_uris: [] },
      /^grant_types must hold authorization_code, and redirect_uris an entry$/,
    ],
    [{ response_types: 'code' }, /^response_types must be a list$/],
    [{ response_types: ['code\n'] }, /^response_types\[0\] must be the name of a response type$/],
    [
      { token_endpoint_auth_method: 'client_secret_jwt' },
      /^token_endpoint_auth_method must be one of/,
    ],
    [{ token_endpoint_auth_method: 'tls_client_auth' }, /^token_endpoint_auth_method must be/],
    [{ token_endpoint_auth_method: ['none'] }, /^token_endpoint_auth_method must be/],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, /^jwks or jwks_uri is required/],
    [{ jwks: { keys: [] } }, /^jwks must be an object with 1 to 20 keys$/],
    [
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'AKP' }] } },
      /^jwks or jwks_uri is required for private_key_jwt, with a key that can sign$/,
    ],
    [{ jwks: { keys: [{ ...jwks.keys[0], d: 'x' }] } }, /^jwks key 0 holds a private/],
    [{ scope: ['user:read_user'] }, /^scope must be a string$/],
    [{ scope: 'read_user\t' }, /^scope must be scope names/],
    [
      { scope: 'user:read_user', required_scope: 'database:read_database' },
      /^required_scope must be a part of scope$/,
    ],
    [{ scope: undefined, required_scope: 'user:read_user' }, /^required_scope needs scope/],
    [{ client_uri: 'http://app.test/' }, /^client_uri must use https$/],
    [{ client_uri: 'https://user@app.test/' }, /^client_uri must not hold a user name/],
    [{ policy_uri: 'javascript:alert(1)' }, /^policy_uri must use https$/],
    [{ policy_uri: 'https://localhost/' }, /^policy_uri must name a host of the public network$/],
    [{ tos_uri: 'https://intranet/terms' }, /^tos_uri must name a host of the public network$/],
    [{ tos_uri: 'https://wiki.corp/' }, /^tos_uri must name a host of the public network$/],
    [{ tos_uri: 'https://metadata.google.internal/' }, /^tos_uri must name a host of the/],
    [{ logo_uri: 'http://169.254.169.254/' }, /^logo_uri must not name an IP address$/],
    [{ logo_uri: 'https://[fd00::1]/logo.svg' }, /^logo_uri must not name an IP address$/],
    [{ logo_uri: 'data:image/svg+xml,<svg/>' }, /^logo_uri must hold only the characters/],
    [{ logo_uri: `https://app.test/${'a'.repeat(2000)}` }, /^logo_uri must have at most 2000/],
    [{ contacts: 'admin@acme.test' }, /^contacts must be a list$/],
    [{ contacts: ['admin'] }, /^contacts\[0\] must be an e-mail address$/],
    [{ contacts: ['a@exämple.com'] }, /^contacts\[0\] must be .* with its domain in ASCII \(xn--/],
    [{ contacts: ['a@acme.test\r\nBcc: x@evil.test'] }, /^contacts\[0\] must be an e-mail/],
    [{ contacts: Array(6).fill('admin@acme.test') }, /^contacts must have at most 5 entries$/],
    [{ software_id: 'a'.repeat(65) }, /^software_id must be 1 to 64 printable/],
    [{ software_id: 'a\u202eb' }, /^software_id must be 1 to 64 printable/],
    [{ software_version: '' }, /^software_version must be 1 to 64 printable/],
    [
      { id_token_signed_response_alg: 'HS256' },
      /^id_token_signed_response_alg must be one of RS256, ES256$/,
    ],
    [{ dpop_bound_access_tokens: 'true' }, /^dpop_bound_access_tokens must be true or false$/],
    [
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://app.test/jwks' },
      /^jwks_uri must use https$/,
    ],
    [
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://10.0.0.1/jwks' },
      /^jwks_uri must not name an IP address$/,
    ],
    [{ padding: 'a'.repeat(16 * 1024) }, /^the metadata must be a JSON object of at most 16384/],
  ])('invalid_client_metadata: %j', (change, description) => {
    expect(validateClientMetadata({ ...usual, ...change }, rules)).toEqual({
      outcome: 'refused',
      error: 'invalid_client_metadata',
      description: expect.stringMatching(description),
    });
  });

  test('invalid_software_statement', () => {
    const stated = { ...usual, software_statement: 'eyJhbGciOiJub25lIn0.e30.' };
    expect(validateClientMetadata(stated, rules)).toEqual({
      outcome: 'refused',
      error: 'invalid_software_statement',
      description: expect.stringMatching(/^software_statement is not accepted/),
    });
  });

  const cyclic: Record<string, unknown> = { ...usual };
  cyclic['self'] = cyclic;
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  test.each<[what: string, input: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', JSON.stringify(usual)],
    ['a number', 7],
    ['a list', [usual]],
    ['a function', () => usual],
    ['a big integer inside', { ...usual, size: 1n }],
    ['a circle', cyclic],
    ['a depth of 100,000', { ...usual, deep }],
    [
      'a member that throws when it is read',
      Object.defineProperty({ ...usual }, 'scope', {
        enumerable: true,
        get: () => {
          throw new Error('read');
        },
      }),
    ],
  ])('not an object of JSON: %s', (_what, input) => {
    expect(validateClientMetadata(input, rules)).toMatchObject({
      outcome: 'refused',
      error: 'invalid_client_metadata',
    });
  });
});

describe('for any input', () => {
  const names = fc.constantFrom(
    ...Object.keys(everyMember),
    ...['jwks_uri', 'software_statement', 'client_id', '__proto__', 'constructor', 'toJSON'],
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fc.webUrl(), fc.emailAddress(), fc.string({ unit: 'binary' }))),
    fc.constantFrom<unknown>(...Object.values(everyMember)),
  );
  const changes = fc.array(fc.tuple(names, value), { maxLength: 4 });
  const input = fc.oneof(
    fc.jsonValue(),
    fc.anything(),
    fc
      .tuple(fc.constantFrom<object>(usual, everyMember), changes)
      .map(([base, change]) => Object.fromEntries([...Object.entries(base), ...change])),
  );

  test('it answers, and a refusal is fit for an error_description', () => {
    fc.assert(
      fc.property(input, (given) => {
        const checked = validateClientMetadata(given, rules);
        if (checked.outcome === 'valid') return;
        expect(checked.description).toMatch(/^[ !#-[\]-~]{1,500}$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a change is judged as a registration is: what was registered can be sent back', () => {
    fc.assert(
      fc.property(input, (given) => {
        const checked = validateClientMetadata(given, rules);
        if (checked.outcome === 'refused') return;
        expect(validateClientMetadata(checked.metadata, rules)).toEqual(checked);
        expect(Object.keys(everyMember)).toEqual(
          expect.arrayContaining(Object.keys(checked.metadata)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('a text of control characters is refused wherever it stands', () => {
    const members = Object.keys(everyMember);
    const control = fc.constantFrom('\0', '\n', '\r', '\t', '\u007f', '\u202e', '\u200b', '\ufeff');
    const text = fc.tuple(fc.string(), control, fc.string()).map((parts) => `x${parts.join('')}x`);
    fc.assert(
      fc.property(fc.constantFrom(...members), text, (member, hostile) => {
        for (const change of [hostile, [hostile]]) {
          const given = { ...everyMember, [member]: change };
          expect(validateClientMetadata(given, rules).outcome).toBe('refused');
        }
      }),
    );
  });
});
