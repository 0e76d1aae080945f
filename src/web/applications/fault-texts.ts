/**
 * Why a field of an application was refused, for its developer. The checks give their reasons in the
 * words of the protocol (RFC 7591 section 3.2.2); each has a text of its own here.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import type { Fault, TypedApplication } from '../../portal/typed-application.ts';
import { emailFault } from '../page/email-fault.ts';

/** The reasons that a redirect URI can be refused for: message keys. */
export const redirectReasons: Readonly<Record<string, string>> = {
  missing: 'own-app-form.uri-missing',
  too_many: 'own-app-form.uri-too-many',
  repeated: 'own-app-form.uri-repeated',
  administrator: 'own-app-form.uri-administrator',
  'must be an absolute URI': 'own-app-form.uri-absolute',
  'must have at most 2000 characters': 'own-app-form.uri-long',
  'must hold only the characters of RFC 3986': 'own-app-form.uri-characters',
  'must not hold a wildcard': 'own-app-form.uri-wildcard',
  'must not have a fragment': 'own-app-form.uri-fragment',
  'must not hold a broken percent-encoding': 'own-app-form.uri-encoding',
  'must not hold encoded control characters': 'own-app-form.uri-control',
  'must not hold a user name or password': 'own-app-form.uri-user',
  'must be written in its normal form': 'own-app-form.uri-normal',
  'must not hold encoded slashes in its path': 'own-app-form.uri-slashes',
  'must not name an IP address': 'own-app-form.uri-address',
  'must name a host by letters, digits, hyphens and dots': 'own-app-form.uri-host',
  'must not name a host under localhost': 'own-app-form.uri-under-localhost',
  'must not hold look-alike letters': 'own-app-form.uri-lookalike',
  'must not have a query parameter of the answer itself': 'own-app-form.uri-answer',
  'must use https': 'own-app-form.uri-https',
  'must use http on loopback': 'own-app-form.uri-loopback-http',
  'must not be on loopback, unless the application_type is native': 'own-app-form.uri-loopback',
  'must use a scheme that is a reversed domain name, such as com.example.app':
    'own-app-form.uri-scheme',
  'must have a path after its scheme': 'own-app-form.uri-path',
};

const fieldTexts: Readonly<Record<Fault['field'], string>> = {
  name: 'own-app-form.name-fault',
  description: 'own-app-form.description-fault',
  homePage: 'own-app-form.link-fault',
  kind: 'own-app-form.kind-fault',
  redirectUris: 'own-app-form.uri-fault',
  scopes: 'own-app-form.scopes-fault',
  required: 'own-app-form.required-fault',
  contact: 'own-app-form.contact-fault',
  privacy: 'own-app-form.link-fault',
  terms: 'own-app-form.link-fault',
};

/** By field and reason. */
const ownTexts: Readonly<Record<string, string>> = {
  'name taken': 'own-app-form.name-taken',
  'scopes administrator': 'own-app-form.scopes-administrator',
};

/** @returns the texts by field; of redirect URIs one for each refused line, which it names. */
export function faultTexts(
  t: Messages,
  faults: readonly Fault[],
  { redirectUris: uris, contact }: TypedApplication,
) {
  const texts: Partial<Record<Fault['field'], string>> = {};
  for (const { field, line, reason } of faults) {
    const text =
      field === 'redirectUris'
        ? uriText(t, reason, line === undefined ? undefined : uris[line])
        : field === 'contact'
          ? emailFault(t, contact, fieldTexts.contact)
          : t.text(ownTexts[`${field} ${reason}`] ?? fieldTexts[field]);
    texts[field] = texts[field] === undefined ? text : `${texts[field]}\n${text}`;
  }
  return texts;
}

function uriText(t: Messages, reason: string, uri: string | undefined): string {
  const text = t.text(redirectReasons[reason] ?? fieldTexts.redirectUris);
  const shown = uri !== undefined && uri.length > 80 ? `${uri.slice(0, 80)}…` : uri;
  return shown === undefined ? text : t.text('own-app-form.uri-line', { uri: shown, text });
}
