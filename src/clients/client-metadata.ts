/**
 * What an application may say about itself. One function checks it, whenever it is said: at
 * registration, at each later change, and in the management API.
 *
 *     size and form  ->  members that are refused  ->  each member by itself  ->  members together
 *
 * Members that Usher does not know are left out (RFC 7591 section 2). Members that would make Usher
 * fetch something, or send a browser or a token somewhere unchecked, are refused by name, so that
 * nobody believes them to be in force.
 *
 * A native application may register any way to authenticate: a secret that registration gives to
 * one installation is not shared with the others (RFC 8252 sections 8.4 and 8.5).
 *
 * Source: RFC 7591 sections 2, 3.2.2 and 5, RFC 7592 section 2.2, RFC 8252, RFC 9700 section 2.6.
 *
 * @module
 */

import type { z } from 'zod';
import { type MetadataMembers, metadataMembers } from './metadata-members.ts';
import { checkRedirectUri } from './redirect-uris.ts';

const maxBytes = 16 * 1024;

const fetchesNothing = 'is not accepted: Usher fetches nothing from an application';
const callsNobody = 'is not accepted: Usher calls no address of an application';

/** Known members that are refused with a sentence instead of being left out. */
const refusedMembers = {
  jwks_uri: `${fetchesNothing}; send the keys themselves as jwks`,
  sector_identifier_uri: fetchesNothing,
  request_uris: fetchesNothing,
  initiate_login_uri: callsNobody,
  backchannel_logout_uri: callsNobody,
  frontchannel_logout_uri: callsNobody,
  backchannel_client_notification_endpoint: callsNobody,
  response_modes: 'is not accepted: the answer always comes in the query of the redirect URI',
  software_statement: 'is not accepted: Usher trusts no issuer of software statements',
} as const;

/**
 * Metadata that may be registered, under the names of RFC 7591: only known members, each in its
 * stored form. `scope` is canonical, and undefined when it was not given: the caller decides what
 * that means. Checking it again gives it back unchanged.
 */
export type ClientMetadata = Omit<MetadataMembers, 'response_types'> & {
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
      /** Begins with the member's name; fit to be an `error_description` (RFC 6749 section 5.2). */
      readonly description: string;
    };

/** What the catalogue makes of a `scope`: canonical names, or those that it does not have. */
export type ScopeExpansion =
  | { readonly outcome: 'expanded'; readonly scope: string }
  | { readonly outcome: 'refused'; readonly unknown: readonly string[] };

export interface MetadataRules {
  readonly production: boolean;
  /** Expands bare names as a registration does; gets only text that RFC 6749 section 3.3 allows. */
  readonly expandScope: (scope: string) => ScopeExpansion;
}

/**
 * Checks everything that an application says about itself.
 *
 * @param input what came in, parsed as JSON. A member that is null counts as absent (RFC 7592
 *   section 2.2); `client_id`, `client_secret` and the like are left out as unknown ones are.
 * @returns the metadata to be stored, or the first fault. Never throws, whatever comes in.
 */
export function validateClientMetadata(
  input: unknown,
  rules: MetadataRules,
): ClientMetadataOutcome {
  const given = readMembers(input);
  if (given === undefined) {
    return refused(`the metadata must be a JSON object of at most ${maxBytes} bytes`);
  }
  const parsed = metadataMembers.safeParse(given);
  return (
    refuseMembers(given) ??
    (parsed.success ? checkTogether(parsed.data, rules) : refusedIssue(parsed.error.issues[0]))
  );
}

/** Works on what JSON makes of the input: plain data, nothing that runs when it is looked at. */
function readMembers(input: unknown): Record<string, unknown> | undefined {
  try {
    const text = JSON.stringify(input);
    if (!text.startsWith('{') || Buffer.byteLength(text) > maxBytes) return undefined;
    const members: [string, unknown][] = Object.entries(JSON.parse(text));
    return Object.fromEntries(members.filter(([, value]) => value !== null));
  } catch {
    return undefined;
  }
}

function refuseMembers(given: Record<string, unknown>): ClientMetadataOutcome | undefined {
  for (const [member, reason] of Object.entries(refusedMembers)) {
    if (!Object.hasOwn(given, member)) continue;
    const statement = member === 'software_statement';
    const error = statement ? 'invalid_software_statement' : 'invalid_client_metadata';
    return refused(`${member} ${reason}`, error);
  }
  return undefined;
}

function checkTogether(members: MetadataMembers, rules: MetadataRules): ClientMetadataOutcome {
  return (
    checkRedirectUris(members, rules) ??
    checkGrants(members) ??
    checkKeys(members) ??
    expandScopeOf(members, rules)
  );
}

function checkRedirectUris(
  { redirect_uris: uris, application_type: applicationType, grant_types: grants }: MetadataMembers,
  { production }: MetadataRules,
): ClientMetadataOutcome | undefined {
  const refuse = (reason: string) => refused(`redirect_uris${reason}`, 'invalid_redirect_uri');
  for (const [index, uri] of uris.entries()) {
    const reason = checkRedirectUri(uri, { applicationType, production });
    if (reason !== undefined) return refuse(`[${index}] ${reason}`);
  }
  if (new Set(uris).size < uris.length) return refuse(' must not repeat an entry');
  const redirects = grants.includes('authorization_code');
  if (redirects && uris.length === 0) return refuse(' must have an entry');
  if (!redirects && uris.length > 0) return refuse(' needs the grant type authorization_code');
  return undefined;
}

/** RFC 7591 section 2.1: which grant types and response types belong together. */
function checkGrants(members: MetadataMembers): ClientMetadataOutcome | undefined {
  const { grant_types: grants, response_types: responses } = members;
  const code = grants.includes('authorization_code');
  if (!code && grants.length > 0) return refused('grant_types must hold authorization_code');
  if (responses !== undefined && code !== responses.includes('code')) {
    return refused('response_types must hold code if grant_types holds authorization_code');
  }
  return undefined;
}

function checkKeys(members: MetadataMembers): ClientMetadataOutcome | undefined {
  const needed = members.token_endpoint_auth_method === 'private_key_jwt';
  return needed && members.jwks === undefined
    ? refused('jwks is required for private_key_jwt')
    : undefined;
}

function expandScopeOf(
  members: MetadataMembers,
  { expandScope }: MetadataRules,
): ClientMetadataOutcome {
  const redirects = members.grant_types.includes('authorization_code');
  const metadata: ClientMetadata = { ...members, response_types: redirects ? ['code'] : [] };
  if (members.scope === undefined) return valid(metadata);
  const expansion = expandScope(members.scope);
  if (expansion.outcome === 'expanded') return valid({ ...metadata, scope: expansion.scope });
  const names = expansion.unknown.slice(0, 3).map((name) => name.slice(0, 100));
  return refused(`scope holds names that do not exist: ${names.join(', ')}`);
}

function valid(metadata: ClientMetadata): ClientMetadataOutcome {
  return { outcome: 'valid', metadata };
}

function refused(
  description: string,
  error: MetadataError = 'invalid_client_metadata',
): ClientMetadataOutcome {
  return { outcome: 'refused', error, description };
}

function refusedIssue(issue: z.core.$ZodIssue | undefined): ClientMetadataOutcome {
  const [member, index] = issue?.path ?? [];
  const place = `${String(member)}${index === undefined ? '' : `[${String(index)}]`}`;
  const error = member === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return refused(`${place} ${issue?.message}`, error);
}
