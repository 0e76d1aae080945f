/**
 * What the tokens of a provider say about people.
 *
 * Source: OpenID Connect Core section 5.1; OpenID Connect Back-Channel Logout 1.0 section 2.6.
 *
 * @module
 */

import type { IDToken } from 'openid-client';
import { UpstreamError } from './upstream-error.ts';

/** Who signed in there, as the provider says. */
export interface UpstreamPerson {
  readonly subject: string;
  readonly sid: string | undefined;
  readonly email: string | undefined;
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  /** How they signed in, by the provider's own words. */
  readonly amr: readonly string[];
  readonly acr: string | undefined;
  readonly idToken: string;
}

/** What a logout token is about; at least one of both. */
export interface UpstreamLogout {
  readonly subject: string | undefined;
  readonly sid: string | undefined;
  readonly jti: string;
}

/** OpenID Connect Core section 2: 255 ASCII characters. No database takes some of the others. */
const identifier = /^[^\p{Cc}]{1,255}$/u;

/**
 * What an ID token says, once its signature and its claims were checked.
 *
 * @throws {UpstreamError} its `sub` cannot be one.
 */
export function toPerson(claims: IDToken, idToken: string): UpstreamPerson {
  const { sub, sid, acr, amr } = claims;
  if (!identifier.test(sub)) throw new UpstreamError('untrusted');
  return {
    subject: sub,
    sid: typeof sid === 'string' && identifier.test(sid) ? sid : undefined,
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : [],
    acr: typeof acr === 'string' ? acr : undefined,
    idToken,
    ...profileOf(claims),
  };
}

/** What the scopes `profile` and `email` stand for, of what is believed about a person. */
export function profileOf(claims: Readonly<Record<string, unknown>>) {
  const { email, name } = claims;
  return {
    email: typeof email === 'string' ? email : undefined,
    isEmailVerified: claims['email_verified'] === true,
    name: typeof name === 'string' ? name : undefined,
  };
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * What a logout token says: the checks of section 2.6 that are left after its signature and dates.
 *
 * @throws {UpstreamError} it is none.
 */
export function toLogout(payload: Readonly<Record<string, unknown>>): UpstreamLogout {
  const { events, jti, sid, sub } = payload;
  const event = isObject(events) ? events[logoutEvent] : undefined;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const isSound =
    isObject(event) && !('nonce' in payload) && isText(jti) && (isText(sub) || isText(sid));
  if (!isSound || [sub, sid].some((one) => one !== undefined && !isText(one)))
    throw new UpstreamError('untrusted');
  return {
    subject: typeof sub === 'string' ? sub : undefined,
    sid: typeof sid === 'string' ? sid : undefined,
    jti: String(jti),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
