/**
 * The members of client metadata, each judged by itself, under its name in RFC 7591.
 *
 * To accept a new member: add it here with its check, then to `Client`, and say in
 * client-metadata.ts what it must agree with.
 *
 * Source: RFC 7591 section 2, RFC 9449 section 5.2 (dpop_bound_access_tokens), OpenID Connect Dynamic
 * Client Registration section 2 (id_token_signed_response_alg).
 *
 * @module
 */

import { z } from 'zod';
import { normalizeEmail } from '../lib/email-address.ts';
import {
  applicationTypes,
  authMethods,
  type GrantType,
  grantTypes,
  idTokenAlgorithms,
} from './client.ts';
import { checkClientName } from './client-names.ts';
import { checkInformationUri } from './information-uris.ts';
import { readPublicKeys } from './public-keys.ts';

const maxRedirectUris = 10;
const maxContacts = 5;

const notText = 'must be a string';
const notList = 'must be a list';

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
  context.addIssue('must be an e-mail address');
  return z.NEVER;
});

const jwks = z.unknown().transform((value, context) => {
  const checked = readPublicKeys(value);
  if (checked.outcome === 'accepted') return { keys: checked.keys };
  context.addIssue(checked.reason);
  return z.NEVER;
});

const scope = z
  .string(notText)
  .regex(
    /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/,
    'must be scope names separated by one space (RFC 6749 section 3.3)',
  );

/** Unknown members are left out; what is absent gets the RFC's default. */
export const metadataMembers = z.object({
  redirect_uris: z
    .array(z.string(notText), notList)
    .max(maxRedirectUris, `must have at most ${maxRedirectUris} entries`)
    .default([]),
  client_name: clientName.optional(),
  application_type: z.enum(applicationTypes, { error: oneOf(applicationTypes) }).default('web'),
  grant_types: z
    .array(z.enum(grantTypes, { error: oneOf(grantTypes) }), notList)
    .transform(withoutRepetition)
    .default(['authorization_code']),
  response_types: z
    .array(z.literal('code', { error: 'must be code' }), notList)
    .max(1, 'must have at most one entry')
    .optional(),
  token_endpoint_auth_method: z
    .enum(authMethods, { error: oneOf(authMethods) })
    .default('client_secret_basic'),
  jwks: jwks.optional(),
  scope: scope.optional(),
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
  dpop_bound_access_tokens: z.boolean('must be true or false').default(false),
  id_token_signed_response_alg: z
    .enum(idTokenAlgorithms, { error: oneOf(idTokenAlgorithms) })
    .default('RS256'),
});

export type MetadataMembers = Readonly<z.output<typeof metadataMembers>>;

function oneOf(names: readonly string[]): string {
  return `must be one of ${names.join(', ')}`;
}

/** The order in which grant types are listed means nothing. */
function withoutRepetition(given: readonly GrantType[]): GrantType[] {
  return grantTypes.filter((type) => given.includes(type));
}
