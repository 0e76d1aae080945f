/**
 * The options of a resource server, and the check of them.
 *
 * @module
 */

import type { ResourceServerError } from './errors.ts';
import { carriesSlugs, sampleAddress } from './own-address.ts';

/** Who this server is, and where Usher is. */
export interface ResourceServerOptions {
  /** Usher's issuer, exactly as its metadata prints it: https, or http on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * The public address of this server, as clients call it: for its metadata, and to check proofs
   * of possession. Without it there is no metadata, and tokens that are bound to a key are refused.
   *
   * It may name a resource in its path, as it is registered: `https://mcp.example.com/{organization}/{database}`.
   * Then each resource has its metadata, and a token for one is refused at another.
   */
  readonly url?: string;
  /** How long a request waits for Usher before it is answered with 503; 2,000 if not given. */
  readonly timeoutMilliseconds?: number;
  /** How many requests to Usher may be on their way at once; 16 if not given. */
  readonly maximumInFlight?: number;
  /** Told why a request was answered with 500 or 503; a process warning if not given. */
  readonly onFailure?: (error: ResourceServerError) => void;
}

/** Options with nothing left open, but for `url`. */
export type CheckedOptions = Required<Omit<ResourceServerOptions, 'url'>> & {
  readonly url: string | undefined;
};

/** @throws {TypeError} an option is missing or malformed. */
export function checkOptions(options: ResourceServerOptions): CheckedOptions {
  const { issuer, clientId, clientSecret, url } = options;
  if (addressOf('issuer', issuer).origin !== issuer) {
    throw new TypeError('"issuer" is scheme, host and port, without a path or a slash at the end');
  }
  if (url !== undefined) {
    const sample = sampleAddress(text('url', url));
    addressOf('url', sample);
    if (/[?#"]/.test(sample)) throw new TypeError('"url" has no query and no fragment');
    if (carriesSlugs(sample)) {
      throw new TypeError('"url" has {organization}, {database} and {branch} alone in braces');
    }
  }
  return {
    issuer,
    clientId: text('clientId', clientId),
    clientSecret: text('clientSecret', clientSecret),
    url,
    timeoutMilliseconds: positive('timeoutMilliseconds', options.timeoutMilliseconds ?? 2_000),
    maximumInFlight: positive('maximumInFlight', options.maximumInFlight ?? 16),
    onFailure: options.onFailure ?? ((error) => process.emitWarning(error)),
  };
}

/** The secret and the tokens travel there: in clear only on this machine. */
function addressOf(name: string, value: string): URL {
  const url = URL.canParse(text(name, value)) ? new URL(value) : undefined;
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url;
  throw new TypeError(`"${name}" is an https address, or http on this machine`);
}

function text(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`"${name}" is missing`);
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`"${name}" is a whole number above 0`);
}
