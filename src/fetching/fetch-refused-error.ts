/**
 * @module
 */

/** The fetch was not done, or not to its end; `cause` is what the network said. */
export class FetchRefusedError extends Error {
  override readonly name = 'FetchRefusedError';
}
