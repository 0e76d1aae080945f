/**
 * What an application may say about itself. One function checks it, whenever it is said: at
 * registration, at each later change, and in the management API.
 *
 *     size and form  ->  fields that are refused  ->  each field by itself
 *                    ->  what is not supported is replaced  ->  fields together
 *
 * Fields that Usher does not know are left out, and of lists of grant types, response types, scopes
 * and keys what it does not support (RFC 7591 section 2: the server may substitute, and section 3.2.1:
 * the answer says what is registered). So are addresses that Usher never fetches or calls, which
 * some clients always send; `jwks_uri` is kept where the application authenticates by its keys and does
 * not send them. What would be unsafe is refused, never made safe, and software statements always.
 *
 * A native application may register any way to authenticate: a secret that registration gives to
 * one installation is not shared with the others (RFC 8252 sections 8.4 and 8.5).
 *
 * Source: RFC 7591 sections 2, 3.2.2 and 5, RFC 7592 section 2.2, RFC 8252, RFC 9700 section 2.6,
 * OpenID Connect RP-Initiated Logout section 3.1.
 *
 * @module
 */

import type { z } from 'zod';
import { isLoopback, readAddress } from './addresses.ts';
import { type ApplicationType, type GrantType, grantTypes } from './client.ts';
import { type MetadataFields, metadataSchema } from './metadata-schema.ts';
import { isEditorScheme } from './private-use-schemes.ts';
import { findRedirectUriFault, inferApplicationType } from './redirect-uris.ts';
import { findRequiredScopeFault } from './required-scope.ts';

const maxBytes = 16 * 1024;
const mostRedirectUris = 10;

const statementIsUntrusted = 'is not accepted: Usher trusts no issuer of software statements';

/**
 * Metadata that may be registered, under the names of RFC 7591: only known fields, each in its
 * stored form. `scope` is canonical, and undefined when it was not given: the caller decides what
 * that means. Checking it again gives it back unchanged.
 */
export type ClientMetadata = Omit<
  MetadataFields,
  'application_type' | 'grant_types' | 'response_types' | 'jwks_uri'
> & {
  readonly jwks_uri?: string;
  readonly application_type: ApplicationType;
  readonly grant_types: readonly GrantType[];
  readonly response_types: readonly 'code'[];
};

/** RFC 7591 section 3.2.2. */
type MetadataError =
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement';

export type ClientMetadataOutcome =
  | { readonly outcome: 'valid'; readonly metadata: ClientMetadata }
  | {
      readonly outcome: 'refused';
      readonly error: MetadataError;
      /** Begins with the field's name; fit to be an `error_description` (RFC 6749 section 5.2). */
      readonly description: string;
    };

export interface MetadataRules {
  readonly production: boolean;
  /** Without it 10, of each kind. */
  readonly mostRedirectUris?: number;
  /** Expands bare names as a registration does, and drops what the catalogue does not have. */
  readonly expandScope: (scope: string) => string;
}

/**
 * Checks everything that an application says about itself.
 *
 * @param input what came in, parsed as JSON. A field that is null counts as absent (RFC 7592
 *   section 2.2); `client_id`, `client_secret` and the like are left out as unknown ones are.
 * @returns the metadata to be stored, or the first fault. Never throws, whatever comes in.
 */
export function validateClientMetadata(
  input: unknown,
  rules: MetadataRules,
): ClientMetadataOutcome {
  const given = readFields(input);
  if (given === undefined) {
    return refused(`the metadata must be a JSON object of at most ${maxBytes} bytes`);
  }
  const parsed = metadataSchema.safeParse(given);
  return (
    refuseFields(given) ??
    (parsed.success
      ? checkTogether(substitute(parsed.data, rules), parsed.data, rules)
      : refusedIssue(parsed.error.issues[0]))
  );
}

/** Works on what JSON makes of the input: plain data, nothing that runs when it is looked at. */
function readFields(input: unknown): Record<string, unknown> | undefined {
  try {
    const text = JSON.stringify(input);
    if (!text.startsWith('{') || Buffer.byteLength(text) > maxBytes) return undefined;
    const fields: [string, unknown][] = Object.entries(JSON.parse(text));
    return Object.fromEntries(fields.filter(([, value]) => value !== null));
  } catch {
    return undefined;
  }
}

function refuseFields(given: Record<string, unknown>): ClientMetadataOutcome | undefined {
  const has = (field: string) => Object.hasOwn(given, field);
  if (has('software_statement')) {
    return refused(`software_statement ${statementIsUntrusted}`, 'invalid_software_statement');
  }
  return undefined;
}

/** Replaces what is not supported by what is, and says what the application left open. */
function substitute(fields: MetadataFields, { expandScope }: MetadataRules): ClientMetadata {
  const { redirect_uris: uris, grant_types: given, application_type: type, scope } = fields;
  const { token_endpoint_auth_method: method, jwks, jwks_uri: keysUri, ...others } = fields;
  const isByKeys = method === 'private_key_jwt';
  const { required_scope: required } = fields;
  // RFC 7591 section 2.1: an application with a redirect URI asks for codes.
  const grants = grantTypes.filter(
    (grant) => given.includes(grant) || (grant === 'authorization_code' && uris.length > 0),
  );
  return {
    ...others,
    token_endpoint_auth_method: method,
    ...(jwks === undefined ? {} : { jwks }),
    ...(isByKeys && jwks === undefined && keysUri !== undefined
      ? { jwks_uri: String(keysUri) }
      : {}),
    application_type: typeOf(type, uris),
    grant_types: grants,
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    ...(scope === undefined ? {} : { scope: expandScope(scope) }),
    ...(required === undefined ? {} : { required_scope: expandScope(required) }),
  };
}

/**
 * Some editors call themselves `web` and name their scheme beside: only a native application has one, and as
 * `web` it could not be sent back anywhere.
 */
function typeOf(type: ApplicationType | undefined, uris: readonly string[]): ApplicationType {
  const isEditor = uris.some((uri) => isEditorScheme(URL.parse(uri)?.protocol ?? ''));
  return isEditor ? 'native' : (type ?? inferApplicationType(uris));
}

function checkTogether(
  metadata: ClientMetadata,
  given: MetadataFields,
  rules: MetadataRules,
): ClientMetadataOutcome {
  return (
    checkGrants(metadata, given) ??
    checkRedirectUris(metadata, rules) ??
    checkLogoutUris(metadata, rules) ??
    checkRequiredScope(metadata) ??
    checkKeys(metadata, rules) ?? { outcome: 'valid', metadata }
  );
}

/** A client that could get no token at all would only find out later. */
function checkGrants(
  { grant_types: grants }: ClientMetadata,
  { grant_types: given }: MetadataFields,
): ClientMetadataOutcome | undefined {
  if (given.length === 0 || grants.includes('authorization_code')) return undefined;
  const services = given.includes('client_credentials')
    ? '; client_credentials is for service clients, which an operator of this server makes'
    : '';
  return refused(`grant_types must hold authorization_code, and redirect_uris an entry${services}`);
}

function checkRedirectUris(
  { redirect_uris: uris, application_type: applicationType, grant_types: grants }: ClientMetadata,
  { production, mostRedirectUris: most = mostRedirectUris }: MetadataRules,
): ClientMetadataOutcome | undefined {
  const refuse = (reason: string) => refused(`redirect_uris${reason}`, 'invalid_redirect_uri');
  if (uris.length > most) return refuse(` must have at most ${most} entries`);
  const fault = findRedirectUriFault(uris, { applicationType, production });
  if (fault !== undefined) return refuse(fault);
  if (grants.includes('authorization_code') && uris.length === 0) {
    return refuse(' must have an entry');
  }
  return undefined;
}

/** Where people are sent after they signed out: to addresses that could have got a code, too. */
function checkLogoutUris(
  { post_logout_redirect_uris: uris = [], application_type: applicationType }: ClientMetadata,
  { production }: MetadataRules,
): ClientMetadataOutcome | undefined {
  const fault =
    uris.length > mostRedirectUris
      ? ` must have at most ${mostRedirectUris} entries`
      : findRedirectUriFault(uris, { applicationType, production });
  return fault === undefined ? undefined : refused(`post_logout_redirect_uris${fault}`);
}

function checkRequiredScope(metadata: ClientMetadata): ClientMetadataOutcome | undefined {
  const fault = findRequiredScopeFault(metadata);
  return fault === undefined ? undefined : refused(fault);
}

function checkKeys(
  { token_endpoint_auth_method: method, jwks, jwks_uri: uri }: ClientMetadata,
  { production }: MetadataRules,
): ClientMetadataOutcome | undefined {
  if (method !== 'private_key_jwt') return undefined;
  if (jwks === undefined && uri === undefined) {
    return refused('jwks or jwks_uri is required for private_key_jwt, with a key that can sign');
  }
  const fault = uri === undefined ? undefined : findKeysUriFault(uri, production);
  return fault === undefined ? undefined : refused(`jwks_uri ${fault}`);
}

function findKeysUriFault(uri: string, production: boolean): string | undefined {
  const address = readAddress(uri);
  if (typeof address === 'string') return address;
  if (address.protocol !== 'https:') return 'must use https';
  return production && isLoopback(address) ? 'must not be on loopback' : undefined;
}

function refused(
  description: string,
  error: MetadataError = 'invalid_client_metadata',
): ClientMetadataOutcome {
  return { outcome: 'refused', error, description };
}

function refusedIssue(issue: z.core.$ZodIssue | undefined): ClientMetadataOutcome {
  const [field, index] = issue?.path ?? [];
  const path = `${String(field)}${index === undefined ? '' : `[${String(index)}]`}`;
  const error = field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return refused(`${path} ${issue?.message}`, error);
}
