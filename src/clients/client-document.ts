/**
 * What an application says about itself in the document at its `client_id`.
 *
 * The document is written for all servers at once, by somebody who knows none of them. So what Usher does
 * not offer is left out and never a reason to refuse: fields that it does not know or that are broken,
 * grant types, scopes, addresses to which nobody could be sent back. What decides is refused as at a
 * registration: another `client_id`, a secret, no address that is left, keys that are needed and not there.
 *
 * The name that counts is the document's host: only that cannot be claimed. The name in the document is
 * kept as what the application calls itself.
 *
 * Source: draft-ietf-oauth-client-id-metadata-document-03 sections 4 and 8, RFC 7591 section 2.
 *
 * @module
 */

import {
  type ClientMetadata,
  type ClientMetadataOutcome,
  type MetadataRules,
  validateClientMetadata,
} from './client-metadata.ts';
import { checkClientName } from './client-names.ts';
import { checkRedirectUri, inferApplicationType } from './redirect-uris.ts';

/** A document that describes an application. */
export interface ClientDocument {
  readonly metadata: ClientMetadata;
  /** What the application calls itself; undefined where that may be no name. */
  readonly claimedName: string | undefined;
}

export type ClientDocumentOutcome =
  | ({ readonly outcome: 'valid' } & ClientDocument)
  | {
      readonly outcome: 'refused';
      /** In ASCII: fit to be an `error_description`. */
      readonly reason: string;
    };

const secretMethods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];
/** Of these a field that is broken is as one that is not there: nothing is decided by them. */
const informative = [
  'client_uri',
  'policy_uri',
  'tos_uri',
  'logo_uri',
  'contacts',
  'software_id',
  'software_version',
  'post_logout_redirect_uris',
  'id_token_signed_response_alg',
  'require_pushed_authorization_requests',
  'scope',
  'required_scope',
  'response_types',
];
const mostRedirectUris = 50;

/** Reads the text of a document. @param clientId the address that it was fetched from. */
export function readClientDocument(
  clientId: string,
  text: string,
  rules: MetadataRules,
): ClientDocumentOutcome {
  const given = parse(text);
  if (given === undefined) return refused('is no JSON object');
  if (given['client_id'] !== clientId) return refused('names another client_id than its address');
  const method = given['token_endpoint_auth_method'] ?? 'none';
  if (secretMethods.includes(String(method)) || 'client_secret' in given) {
    return refused('asks for a secret, which a document that anybody can read has none of');
  }
  const offered = redirectUrisOf(given, rules);
  if (typeof offered === 'string') return refused(offered);
  return check({ ...kept(given), ...offered, token_endpoint_auth_method: method }, given, rules);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** Those that can be used; only where none is left the document is of no use. */
function redirectUrisOf(given: Record<string, unknown>, { production }: MetadataRules) {
  const { redirect_uris: uris } = given;
  if (!Array.isArray(uris) || uris.length === 0) return 'must have redirect_uris';
  const texts = [...new Set(uris.filter((uri): uri is string => typeof uri === 'string'))];
  const rules = { applicationType: inferApplicationType(texts), production };
  const faults = texts.map((uri) => checkRedirectUri(uri, rules));
  const usable = texts.filter((_uri, index) => faults[index] === undefined);
  if (usable.length === 0)
    return `has redirect_uris of which none can be used: the first ${faults[0]}`;
  return {
    redirect_uris: usable.slice(0, mostRedirectUris),
    application_type: inferApplicationType(usable),
  };
}

/** What of the document has a meaning here, and is whole. */
function kept(given: Record<string, unknown>): Record<string, unknown> {
  const { client_name: _name, software_statement: _statement, ...others } = given;
  const needsKeys = given['token_endpoint_auth_method'] === 'private_key_jwt';
  const { jwks, jwks_uri: jwksUri, ...rest } = others;
  return {
    ...rest,
    ...(needsKeys && jwks !== undefined ? { jwks } : {}),
    ...(needsKeys && jwksUri !== undefined ? { jwks_uri: jwksUri } : {}),
    grant_types: grantTypesOf(given['grant_types']),
  };
}

function grantTypesOf(given: unknown): string[] {
  const usual = ['authorization_code', 'refresh_token'];
  if (!Array.isArray(given)) return ['authorization_code'];
  return usual.filter((type) => type === 'authorization_code' || given.includes(type));
}

/** A field that is broken is left out, one after the other, as long as nothing is decided by it. */
function check(
  fields: Record<string, unknown>,
  given: Record<string, unknown>,
  rules: MetadataRules,
): ClientDocumentOutcome {
  const checked = validateClientMetadata(fields, { ...rules, mostRedirectUris });
  if (checked.outcome === 'valid') {
    return { outcome: 'valid', metadata: checked.metadata, claimedName: nameOf(given) };
  }
  const broken = brokenField(checked);
  if (!informative.includes(broken) || !(broken in fields)) return refused(checked.description);
  const { [broken]: _left, ...others } = fields;
  return check(others, given, rules);
}

function brokenField({ description }: Extract<ClientMetadataOutcome, { outcome: 'refused' }>) {
  return /^[a-z_]+/.exec(description)?.[0] ?? '';
}

function nameOf({ client_name: name }: Record<string, unknown>): string | undefined {
  if (typeof name !== 'string') return undefined;
  const checked = checkClientName(name);
  return checked.outcome === 'accepted' ? checked.name : undefined;
}

function refused(reason: string): ClientDocumentOutcome {
  return { outcome: 'refused', reason };
}
