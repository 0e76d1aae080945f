/**
 * The fields of client metadata, each judged by itself, under its name in RFC 7591.
 *
 * To accept a new field: add it here with its check, then to `Client`, and say in
 * client-metadata.ts what it must agree with.
 *
 * Lists of grant types, response types and scopes are read as they come: what Usher does not support
 * is dropped in client-metadata.ts, and the answer says what was registered.
 *
 * Source: RFC 7591 section 2, RFC 9449 section 5.2 (dpop_bound_access_tokens), RFC 9126 section 6
 * (require_pushed_authorization_requests), OpenID Connect Dynamic Client Registration section 2
 * (id_token_signed_response_alg), OpenID Connect RP-Initiated Logout section 3.1
 * (post_logout_redirect_uris). `required_scope` is Usher's own: the part of `scope` that cannot be left
 * out.
 *
 * @module
 */

import { z } from 'zod';
import { addressFault, normalizeEmail } from '../lib/email-address.ts';
import { applicationTypes, authMethods, idTokenAlgorithms } from './client.ts';
import { checkClientName } from './client-names.ts';
import { checkInformationUri } from './information-uris.ts';
import { readPublicKeys } from './public-keys.ts';

const maxRedirectUris = 50;
const maxContacts = 5;

const notText = 'must be a string';
const notList = 'must be a list';

const redirectUris = z
  .array(z.string(notText), notList)
  .max(maxRedirectUris, `must have at most ${maxRedirectUris} entries`);

const informationUri = z.string(notText).superRefine((uri, context) => {
  const reason = checkInformationUri(uri);
  if (reason !== undefined) context.addIssue(reason);
});

const plainText = z
  .string(notText)
  .regex(/^[!-~](?:[ -~]{0,62}[!-~])?$/, 'must be 1 to 64 printable ASCII characters');

const clientName = z.string(notText).transform((text, context) => {
  const checked = checkClientName(text);
  if (checked.outcome === 'accepted') return checked.name;
  context.addIssue(checked.reason);
  return z.NEVER;
});

const contact = z.string(notText).transform((text, context) => {
  const address = normalizeEmail(text);
  if (address !== undefined) return address;
  context.addIssue(addressFault(text));
  return z.NEVER;
});

const jwks = z.unknown().transform((value, context) => {
  const checked = readPublicKeys(value);
  if (checked.outcome === 'accepted') {
    return checked.keys.length === 0 ? undefined : { keys: checked.keys };
  }
  context.addIssue(checked.reason);
  return z.NEVER;
});

/** More than one space is one, and nothing at all is no scope. */
const scope = z
  .string(notText)
  .regex(/^[ !#-[\]-~]*$/, 'must be scope names separated by spaces (RFC 6749 section 3.3)');

const words = (pattern: RegExp, what: string) =>
  z.array(z.string(notText).regex(pattern, `must be the name of a ${what}`), notList);

const isTrue = z.boolean('must be true or false');

/** Unknown fields are left out; what is absent gets the RFC's default. */
export const metadataSchema = z.object({
  redirect_uris: redirectUris.default([]),
  post_logout_redirect_uris: redirectUris.optional(),
  client_name: clientName.optional(),
  application_type: z.enum(applicationTypes, { error: oneOf(applicationTypes) }).optional(),
  grant_types: words(/^[!-~]+$/, 'grant type').default(['authorization_code']),
  response_types: words(/^[ -~]+$/, 'response type').optional(),
  token_endpoint_auth_method: z
    .enum(authMethods, { error: oneOf(authMethods) })
    .default('client_secret_basic'),
  jwks: jwks.optional(),
  jwks_uri: z.unknown().optional(), // judged only where it is needed
  scope: scope.optional(),
  required_scope: scope.optional(),
  client_uri: informationUri.optional(),
  policy_uri: informationUri.optional(),
  tos_uri: informationUri.optional(),
  logo_uri: informationUri.optional(),
  contacts: z
    .array(contact, notList)
    .max(maxContacts, `must have at most ${maxContacts} entries`)
    .optional(),
  software_id: plainText.optional(),
  software_version: plainText.optional(),
  id_token_signed_response_alg: z
    .enum(idTokenAlgorithms, { error: oneOf(idTokenAlgorithms) })
    .default('RS256'),
  dpop_bound_access_tokens: isTrue.default(false),
  require_pushed_authorization_requests: isTrue.default(false),
});

export type MetadataFields = Readonly<z.output<typeof metadataSchema>>;

function oneOf(names: readonly string[]): string {
  return `must be one of ${names.join(', ')}`;
}
