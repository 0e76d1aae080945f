/**
 * The error of the SDK. Callers switch on `code`, never on the message.
 *
 * @module
 */

/**
 * Why there is no answer:
 * - `unreachable`: no connection, or one that broke;
 * - `timeout`: no whole answer in time;
 * - `credentials`: Usher does not know this resource server under this id and secret;
 * - `unavailable`: Usher answered with another status than 200;
 * - `malformed_answer`: what came is not an answer of this Usher;
 * - `other_resource`: the answer is about another resource than the question;
 * - `no_resource`: the route named no resource, so nothing was asked;
 * - `unknown_permission`: Usher does not know the permission that the route requires;
 * - `replay_memory_full`: more DPoP proofs came than can be remembered;
 * - `closed`: `close()` was called.
 */
export type ResourceServerErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'credentials'
  | 'unavailable'
  | 'malformed_answer'
  | 'other_resource'
  | 'no_resource'
  | 'unknown_permission'
  | 'replay_memory_full'
  | 'closed';

/** A question that got no answer: nothing is known about the token, so nothing is allowed. */
export class ResourceServerError extends Error {
  override readonly name = 'ResourceServerError';
  readonly code: ResourceServerErrorCode;

  constructor(code: ResourceServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
