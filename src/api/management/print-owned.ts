/**
 * An organization's own applications, as requests and answers say them.
 *
 * @module
 */

import type { z } from 'zod';
import { namesWithFormer, parseScopeSet } from '../../catalogue/scope-set.ts';
import { printId } from '../../lib/ids.ts';
import type { FieldFault } from '../../organizations/refusals.ts';
import { type LogoFault, minSide } from '../../portal/logo-image.ts';
import { kindOf } from '../../portal/own-applications.ts';
import type { Fault, TypedApplication } from '../../portal/typed-application.ts';
import type { Manager } from '../../storage/clients/client-managers.ts';
import type { ListedSecret } from '../../storage/clients/client-secrets.ts';
import type { OwnClient } from '../../storage/clients/own-clients.ts';
import type * as schemas from './owned-application-schemas.ts';

type Sent = z.output<typeof schemas.ownedApplicationChange>;

/** What was sent, as the portal's form would have it. */
export function typedFrom(sent: Sent, kind: string): TypedApplication {
  return {
    name: sent.name,
    description: sent.description,
    homePage: sent.home_page ?? '',
    kind,
    redirectUris: sent.redirect_uris,
    scopes: sent.scopes,
    required: sent.required_scopes,
    contact: sent.contact ?? '',
    privacy: sent.privacy_policy ?? '',
    terms: sent.terms ?? '',
  };
}

export function printOwned(of: OwnClient): z.input<typeof schemas.ownedApplication> {
  return {
    id: of.id,
    kind: kindOf(of),
    name: of.name,
    description: of.description,
    home_page: of.clientUri ?? null,
    redirect_uris: [...of.redirectUris],
    scopes: [...namesWithFormer(parseScopeSet(of.scope))],
    required_scopes: [...namesWithFormer(parseScopeSet(of.requiredScope ?? ''))],
    contact: of.contacts?.[0] ?? null,
    privacy_policy: of.policyUri ?? null,
    terms: of.tosUri ?? null,
    logo: of.logo === undefined ? null : `/application-logos/${of.logo}`,
    status: of.status,
    is_verified: of.isVerified,
    created_at: of.createdAt.toISOString(),
  };
}

export function printOwnSecret(
  of: ListedSecret,
): z.input<typeof schemas.ownedSecrets>['items'][number] {
  return {
    id: of.id,
    name: of.name,
    created_at: of.createdAt.toISOString(),
    last_used_at: of.lastUsedAt?.toISOString() ?? null,
    expires_at: of.expiresAt?.toISOString() ?? null,
  };
}

export function printManager(of: Manager): z.input<typeof schemas.manager> {
  const { accountId, email, name, suspended } = of;
  return { id: printId('user', accountId), email, name, suspended };
}

const logoMessages: Readonly<Record<LogoFault, string>> = {
  missing: 'must not be empty',
  too_large: 'must have at most 512 KB',
  vector: 'must be PNG, JPEG or WebP: this is an SVG or another text',
  no_picture: 'must be PNG, JPEG or WebP',
  more_than_picture: 'must end with its picture: something else comes after it',
  too_many_pixels: 'must have fewer pixels: 1024 by 1024 is enough',
  too_small: `must have at least ${minSide} pixels on both sides`,
  broken: 'must be a whole picture: this one cannot be decoded',
};

/** Why a picture gives no logo. */
export function printLogoFault(reason: LogoFault): FieldFault {
  return { field: 'image', message: logoMessages[reason] };
}

const fields: Readonly<Record<Fault['field'], string>> = {
  name: 'name',
  description: 'description',
  homePage: 'home_page',
  kind: 'kind',
  redirectUris: 'redirect_uris',
  scopes: 'scopes',
  required: 'required_scopes',
  contact: 'contact',
  privacy: 'privacy_policy',
  terms: 'terms',
};

/** Reasons that are names; all others complete "The field ..." already. */
const messages: Readonly<Record<string, string>> = {
  missing: 'must not be empty',
  too_many: 'must hold at most 10 items',
  repeated: 'must not repeat another one',
  taken: 'must not read as the name of a verified application',
  dangerous: 'must hold no permission that is dangerous, or that is not asked for',
  too_long: 'must have at most 300 characters and no control characters',
  unknown: 'must be a kind of application',
};

export function printFault({ field, line, reason }: Fault): FieldFault {
  const name = line === undefined ? fields[field] : `${fields[field]}.${line}`;
  return { field: name, message: messages[reason] ?? (reason || 'cannot be taken') };
}
