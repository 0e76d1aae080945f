/**
 * How an application proves itself, as its page shows it.
 *
 * @module
 */

import { algorithmsOf, type PublicKey } from '../../clients/public-keys.ts';
import type { Messages } from '../../lib/messages.ts';
import type { Owned } from '../../portal/own-applications.ts';
import { listOwnKeys, mayProveByKeys } from '../../portal/own-keys.ts';
import type { KeyFault } from '../../portal/typed-keys.ts';
import { idsOf, type PortalParts, type Refusal, type Visit } from './own-site.ts';

/** @returns undefined of an application that has nowhere to keep a secret or a key. */
export async function proofFor(
  { db }: PortalParts,
  { site }: Visit,
  client: Owned,
  refusal?: Refusal,
) {
  if (!mayProveByKeys(client)) return undefined;
  const own = await listOwnKeys(db, idsOf(site, client.id));
  const saved = client.jwks && JSON.stringify(client.jwks, null, 2);
  const errorOf = (field: KeyFault['field']) => (refusal?.of === field ? refusal.text : undefined);
  const isOfKeys = refusal !== undefined && ['jwks', 'jwksUri', 'proof'].includes(refusal.of);
  const sent = isOfKeys && (refusal.of !== 'proof' || hasTyped(refusal)) ? refusal : undefined;
  return {
    isByKeys: own !== undefined,
    uri: own?.uri,
    keys: own?.keys?.map(itemOf),
    isWaiting: own !== undefined && own.keys === undefined,
    isOpen: sent !== undefined,
    jwks: sent === undefined ? saved : sent.typed,
    jwksUri: sent === undefined ? own?.uri : sent.typedUri,
    jwksError: errorOf('jwks'),
    jwksUriError: errorOf('jwksUri'),
  };
}

const hasTyped = ({ typed, typedUri = '' }: Refusal) => typed !== '' || typedUri !== '';

/** In the words of RFC 7517, which are nobody's language. */
function itemOf(key: PublicKey) {
  const kind = key.kty === 'RSA' ? 'RSA' : `${key.kty} ${key.crv}`;
  return { kid: key.kid, kind, algorithms: algorithmsOf(key).join(', ') };
}

/** By the reason of the checks: message keys. */
const reasons: Readonly<Record<string, string>> = {
  missing: 'own-app-keys.missing',
  both: 'own-app-keys.both',
  too_long: 'own-app-keys.too-long',
  not_json: 'own-app-keys.not-json',
  none: 'own-app-keys.none',
  private: 'own-app-keys.private',
  'holds a private or shared key: make a new one, this one is known to others now':
    'own-app-keys.private',
  'must have at most 5 keys that can sign': 'own-app-keys.too-many',
  'must give each key its own kid': 'own-app-keys.twins',
  'must have 2048 to 8192 bits': 'own-app-keys.bits',
  'must be an object with 1 to 20 keys': 'own-app-keys.shape',
};

/** @returns why keys were refused, with nothing of them in it. */
export function keyFaultText(t: Messages, { field, key, reason }: KeyFault): string {
  const other = field === 'jwksUri' ? 'own-app-keys.uri-fault' : 'own-app-keys.key-fault';
  const text = t.text(reasons[reason] ?? other);
  return key === undefined ? text : t.text('own-app-keys.key-line', { number: key + 1, text });
}
