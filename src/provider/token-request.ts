/**
 * One token request: what was read for it, and what the library has issued so far.
 *
 *   one read (redemptions.ts) ─ the library checks and issues ─ one write (issuance.ts) ─ answer
 *
 * The library's adapter answers from the read and keeps the writes here, since the library spends a
 * code before it has checked all. Nothing is stored until its answer is ready, so an error leaves
 * nothing behind; and nothing leaves the server before it is stored. The parts of the provider find
 * the request at hand by `currentRequest`.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { IssuedToken } from '../storage/tokens/issuance.ts';
import type { Redemption } from '../storage/tokens/redemptions.ts';
import type { TokenBatches } from './token-batches.ts';

/** What the parts of the provider share about the request at hand. */
export interface TokenRequest {
  readonly batches: TokenBatches;
  /** How long after a refresh token was spent the same request gets the same answer. */
  readonly retrySeconds: number;
  /** The client, and the code or refresh token that it presents; undefined until it is read. */
  redemption: Redemption | undefined;
  /** What the library has issued: stored with the answer. */
  readonly issued: { AccessToken?: IssuedToken; RefreshToken?: IssuedToken };
  /** Whether the client repeats itself. */
  repetition: Repetition;
  /** The resource server that the request names where none was granted: for the access token alone. */
  narrowedTo: Narrowing | undefined;
  /** Whether the address that the request names leads to no resource that the user sees. */
  isOutOfReach: boolean;
}

/** To what a token request narrows its access token. */
interface Narrowing {
  /** The resource indicator. */
  readonly audience: string;
  /** The id of the resource that its address leads to; undefined where it leads to none. */
  readonly confinedTo: string | undefined;
}

/**
 * - `fresh`: not known to repeat another request, or a replay that gets no leniency;
 * - `duplicate`: a spent code came back so soon that this is no theft: it is refused, its grant stays;
 * - `retry`: a spent refresh token came back in an identical request: it gets the same answer (JSON)
 *   again, and changes nothing.
 */
type Repetition =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'retry'; readonly answer: string };

const requests = new AsyncLocalStorage<TokenRequest>();

/** The token request that is being answered; undefined on every other route. */
export function currentRequest(): TokenRequest | undefined {
  return requests.getStore();
}

/** Runs a token request: all that `work` calls finds it. */
export function inTokenRequest(
  { batches, retrySeconds }: Pick<TokenRequest, 'batches' | 'retrySeconds'>,
  work: (request: TokenRequest) => Promise<void>,
): Promise<void> {
  const request: TokenRequest = {
    batches,
    retrySeconds,
    redemption: undefined,
    issued: {},
    repetition: { kind: 'fresh' },
    narrowedTo: undefined,
    isOutOfReach: false,
  };
  return requests.run(request, () => work(request));
}
