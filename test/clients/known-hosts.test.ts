/** What known hosts publish and register is accepted in production, with every redirect URI of theirs. */

import { describe, expect, test } from 'vitest';
import { readDocument } from '../../src/applications/documents/read-document.ts';
import { readDocumentAddress } from '../../src/clients/document-address.ts';
import { startRegistrationServer } from '../applications/registration-server.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { documents, registrations } from './known-hosts.ts';

const server = forAllTests(startRegistrationServer);

describe('a registration of', () => {
  test.each(Object.entries(registrations))('%s', async (_host, said) => {
    const { status, body } = await server.post(said);
    expect(status).toBe(201);
    expect(body['redirect_uris']).toEqual(said['redirect_uris']);
    expect(body['token_endpoint_auth_method']).toBe(said['token_endpoint_auth_method']);
    expect(body['grant_types']).toEqual(['authorization_code', 'refresh_token']);
    expect(body['registration_client_uri']).toBeTruthy();
  });
});

describe('the document at', () => {
  test.each(Object.entries(documents))('%s', (clientId, said) => {
    const address = readDocumentAddress(clientId, false);
    if (typeof address === 'string') throw new Error(address);
    const text = JSON.stringify({ client_id: clientId, ...said });
    const read = readDocument(address, text, { production: true, seconds: 300 });
    expect(read).toMatchObject({
      outcome: 'read',
      registered: {
        name: address.hostname,
        claimedName: said['client_name'],
        redirectUris: said['redirect_uris'],
        authMethod: said['token_endpoint_auth_method'],
        grantTypes: ['authorization_code', 'refresh_token'],
        ...(said['jwks_uri'] === undefined ? {} : { jwksUri: said['jwks_uri'] }),
      },
    });
    expect(Buffer.byteLength(text)).toBeLessThan(5 * 1024);
  });
});
