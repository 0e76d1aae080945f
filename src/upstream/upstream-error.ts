/**
 * Why a sign-in at a provider came to nothing.
 *
 * @module
 */

/**
 * - `unavailable`: it did not answer, or not in time.
 * - `untrusted`: what it answered is not what it should be: another issuer, audience, nonce or key, or no
 *   answer of OpenID at all.
 * - `declined`: it said no, as when the person cancelled there.
 */
export type UpstreamFault = 'unavailable' | 'untrusted' | 'declined';

/** The sign-in at the provider failed; `cause` is for the log alone. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly fault: UpstreamFault;

  constructor(fault: UpstreamFault, options?: ErrorOptions) {
    super(`the identity provider: ${fault}`, options);
    this.fault = fault;
  }
}
