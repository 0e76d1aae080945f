/**
 * What an application is registered with when it does not say.
 *
 * Source: RFC 7591 section 2 (`client_name` and `scope` are optional, the server may choose).
 *
 * @module
 */

import type { GrantType } from '../clients/client.ts';
import { checkClientName } from '../clients/client-names.ts';

/**
 * Who the user is, and nothing else: it is what a request without `scope` asks for. A request may
 * name more. Without the grant to ask, nothing.
 */
export function defaultScope(grantTypes: readonly GrantType[]): string {
  return grantTypes.includes('authorization_code') ? 'openid profile email' : '';
}

/** @returns the host, or the own scheme, to which the user is sent back, if that may be a name. */
export function defaultName([uri]: readonly string[]): string {
  const address = uri === undefined ? null : URL.parse(uri);
  const host = address?.protocol.startsWith('http') ? address.hostname : address?.protocol;
  const checked = checkClientName(host?.replace(/:$/, '') ?? '');
  return checked.outcome === 'accepted' ? checked.name : 'Unnamed application';
}
