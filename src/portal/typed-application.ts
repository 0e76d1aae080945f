/**
 * An application as its developer types it in, and what is wrong with it: each fault belongs to one field,
 * and of redirect URIs to one line.
 *
 * @module
 */

import { checkMetadata } from '../applications/register.ts';
import type { ClientMetadata } from '../clients/client-metadata.ts';
import { checkRedirectUri } from '../clients/redirect-uris.ts';
import { findUnvouchedFault } from '../clients/required-scope.ts';

/** `web` keeps a secret on a server of its own; `native` and `browser` can keep none. */
export const kinds = ['web', 'native', 'browser'] as const;

/** What the developer says; nothing is checked. */
export interface TypedApplication {
  readonly name: string;
  readonly description: string;
  readonly homePage: string;
  readonly kind: string;
  readonly redirectUris: readonly string[];
  /** Canonical names. */
  readonly scopes: readonly string[];
  /** Those of `scopes` that a person cannot leave out. */
  readonly required: readonly string[];
  readonly contact: string;
  readonly privacy: string;
  readonly terms: string;
}

/** Something wrong. */
export interface Fault {
  readonly field: keyof TypedApplication;
  /** The line of a redirect URI, from 0. */
  readonly line?: number;
  /** In the words of the checks. */
  readonly reason: string;
}

export type CheckedApplication =
  | {
      readonly outcome: 'valid';
      readonly metadata: ClientMetadata;
      readonly description: string;
    }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] };

const maxDescription = 300;
const maxRedirectUris = 10;

/**
 * Checks all fields, so that nobody mends one fault only to see the next.
 *
 * @param production loopback is refused then for what runs on a server.
 */
export function checkTyped(typed: TypedApplication, production: boolean): CheckedApplication {
  const description = typed.description.trim();
  const faults = [
    ...descriptionFaults(description),
    ...redirectFaults(typed, production),
    ...singleFaults(typed, production),
  ];
  if (faults.length > 0) return { outcome: 'refused', faults };
  const checked = checkMetadata(metadataOf(typed), production);
  if (checked.outcome === 'valid') {
    const { metadata } = checked;
    const unvouched = findUnvouchedFault(metadata);
    if (unvouched === undefined) return { outcome: 'valid', metadata, description };
    return {
      outcome: 'refused',
      faults: [{ field: 'required', reason: 'dangerous' }],
    };
  }
  return { outcome: 'refused', faults: [faultOf(checked.description)] };
}

function descriptionFaults(description: string): Fault[] {
  const isFit = description.length <= maxDescription && !/\p{Cc}/u.test(description);
  return isFit ? [] : [{ field: 'description', reason: 'too_long' }];
}

/** Checks the redirect URIs alone; `production` as in `checkTyped`. */
export function redirectFaults(
  { kind, redirectUris: uris }: Pick<TypedApplication, 'kind' | 'redirectUris'>,
  production: boolean,
): Fault[] {
  const field = 'redirectUris' as const;
  if (uris.length === 0) return [{ field, reason: 'missing' }];
  if (uris.length > maxRedirectUris) return [{ field, reason: 'too_many' }];
  const rules = { applicationType: typeOf(kind), production } as const;
  return uris.flatMap((uri, line): Fault[] => {
    const reason =
      checkRedirectUri(uri, rules) ?? (uris.indexOf(uri) < line ? 'repeated' : undefined);
    return reason === undefined ? [] : [{ field, line, reason }];
  });
}

/** The fields that are judged one by one: each is sent alone. */
function singleFaults(typed: TypedApplication, production: boolean): Fault[] {
  const { client_name, client_uri, policy_uri, tos_uri, contacts } = metadataOf(typed);
  const alone = [{ client_name }, { client_uri }, { policy_uri }, { tos_uri }, { contacts }];
  const found = alone.flatMap((one) => {
    const uri = 'com.example.app:/callback'; // so that nothing else is missing
    const checked = checkMetadata({ ...one, redirect_uris: [uri] }, production);
    return checked.outcome === 'refused' ? [faultOf(checked.description)] : [];
  });
  const isKind = kinds.some((kind) => kind === typed.kind);
  return isKind ? found : [...found, { field: 'kind', reason: 'unknown' }];
}

const fields: Readonly<Record<string, keyof TypedApplication>> = {
  client_name: 'name',
  client_uri: 'homePage',
  policy_uri: 'privacy',
  tos_uri: 'terms',
  contacts: 'contact',
  redirect_uris: 'redirectUris',
  required_scope: 'required',
  scope: 'scopes',
};

function faultOf(description: string): Fault {
  const [, name = '', reason = ''] = /^([a-z_]+)(?:\[\d+\])? ?(.*)$/s.exec(description) ?? [];
  return { field: fields[name] ?? 'scopes', reason };
}

function typeOf(kind: string): 'web' | 'native' {
  return kind === 'native' ? 'native' : 'web';
}

/** Under the names of RFC 7591. What is empty was not said. */
function metadataOf(typed: TypedApplication) {
  const said = (text: string) => (text.trim() === '' ? undefined : text.trim());
  const { scopes, required, kind, contact } = typed;
  return {
    client_name: typed.name.trim(),
    client_uri: said(typed.homePage),
    policy_uri: said(typed.privacy),
    tos_uri: said(typed.terms),
    contacts: said(contact) === undefined ? undefined : [contact.trim()],
    application_type: typeOf(kind),
    token_endpoint_auth_method: kind === 'web' ? 'client_secret_basic' : 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: typed.redirectUris,
    scope: ['openid', 'profile', 'email', 'offline_access', ...scopes].join(' '),
    required_scope: said(required.join(' ')),
  };
}
