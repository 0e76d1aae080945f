/**
 * Which introspection requests are plain enough for the fast path.
 *
 * Plain is: form-encoded, the client's id and secret by HTTP Basic or in the body, one token, at
 * most one resource and one action, a plain JSON answer. Whatever is odd (assertions, repeated parameters, JWT
 * answers, CORS, malformed values) is left to the library, so that one of the two refuses.
 *
 * Source: RFC 7662 section 2.1, RFC 6749 section 2.3.1.
 *
 * @module
 */

import type { IncomingHttpHeaders } from 'node:http';
import {
  type ClientCredentials,
  readBasicCredentials,
  visibleCredentials,
} from '../http/basic-credentials.ts';
import { readFormFields } from '../http/form-fields.ts';

/** A plain question with the asker's credentials. */
export interface PlainRequest extends ClientCredentials {
  readonly token: string;
  readonly resource: string | undefined;
  readonly action: string | undefined;
}

/** The library reads no more than this either. */
const bodyLimit = 56 * 1024;

const forms = /^application\/x-www-form-urlencoded(?:\s*;\s*charset=utf-8)?$/i;
const plainAccepts = /^(?:\*\/\*|application\/json)?$/;
const otherWays = ['origin', 'dpop', 'content-encoding', 'transfer-encoding'];

/** Whether the headers leave the request plain so far. */
export function hasPlainHeaders(headers: IncomingHttpHeaders): boolean {
  const length = Number(headers['content-length'] ?? Number.NaN);
  return (
    forms.test(headers['content-type'] ?? '') &&
    plainAccepts.test(headers.accept ?? '') &&
    length > 0 &&
    length <= bodyLimit &&
    otherWays.every((name) => headers[name] === undefined) &&
    headers['oauth-client-attestation'] === undefined
  );
}

/** @returns undefined when the request is not plain after all. */
export function readPlainRequest(
  authorization: string | undefined,
  body: string,
): PlainRequest | undefined {
  if (/[\x80-\xff]/.test(body)) return undefined;
  const fields = readFields(body);
  const token = fields?.get('token');
  if (fields === undefined || token === undefined || !/^[\w~+-]+$/.test(token)) return undefined;
  const credentials = readCredentials(authorization, fields);
  const [resource, action] = [fields.get('resource'), fields.get('action')];
  return credentials && { ...credentials, token, resource, action };
}

/** Parameters that mean something here; each may come once and may not be empty. */
const known = new Set([
  'token',
  'token_type_hint',
  'resource',
  'action',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]);

/** The library reads no more than 1,000 parameters, and nobody sends a tenth of that. */
const maximumPairs = 100;

function readFields(body: string): Map<string, string> | undefined {
  const pairs = readFormFields(body, maximumPairs);
  if (typeof pairs === 'string') return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!known.has(name)) continue;
    if (value === '' || fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}

function readCredentials(
  authorization: string | undefined,
  fields: ReadonlyMap<string, string>,
): ClientCredentials | undefined {
  const clientId = fields.get('client_id');
  const clientSecret = fields.get('client_secret');
  if (fields.has('client_assertion') || fields.has('client_assertion_type')) return undefined;
  if (authorization === undefined) {
    return visibleCredentials(clientId, clientSecret);
  }
  return clientId || clientSecret ? undefined : readHeader(authorization);
}

/** A resource server sends the same header each time, and to read it is pure; what it is worth is not kept. */
const readHeaders = new Map<string, ClientCredentials>();
const mostHeaders = 100;

function readHeader(authorization: string): ClientCredentials | undefined {
  const known = readHeaders.get(authorization);
  if (known !== undefined) return known;
  const credentials = readBasicCredentials(authorization);
  if (readHeaders.size >= mostHeaders) readHeaders.clear();
  if (credentials !== undefined) readHeaders.set(authorization, credentials);
  return credentials;
}
