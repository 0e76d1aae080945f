/**
 * A client's id and secret by HTTP Basic.
 *
 * Source: RFC 6749 section 2.3.1 (both are form-encoded), RFC 7617 section 2.
 *
 * @module
 */

import { decodeField } from './form-fields.ts';

/** What a client shows to prove who it is. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const basic = /^Basic +((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i;
const visible = /^[\x20-\x7e]+$/;

/** @returns the credentials in an `Authorization` header; undefined when malformed. */
export function readBasicCredentials(authorization: string): ClientCredentials | undefined {
  const encoded = basic.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('latin1');
  const at = pair.indexOf(':');
  const clientId = decodeField(pair.slice(0, Math.max(0, at)));
  const clientSecret = decodeField(pair.slice(at + 1));
  return at < 0 ? undefined : visibleCredentials(clientId, clientSecret);
}

/** @returns undefined where one is missing, or has a character that RFC 6749 appendix A leaves out. */
export function visibleCredentials(
  clientId = '',
  clientSecret = '',
): ClientCredentials | undefined {
  const isVisible = visible.test(clientId) && visible.test(clientSecret);
  return isVisible ? { clientId, clientSecret } : undefined;
}
