/**
 * What a result means for the command line: whether it was done, and if not, what to print and
 * with which exit code to end.
 *
 * @module
 */

import { RefusedError } from '../organizations/refusals.ts';
import { CommandError, exitCodes, type Result } from './command.ts';

const done = new Set(['created', 'changed', 'unchanged', 'added', 'deleted', 'listed']);

/**
 * @returns the result, of a command that was done.
 * @throws {CommandError} it was not; the message ends with the outcome's own name.
 */
export function doneOrThrow(result: Result): Result {
  const { outcome, member, reason } = result;
  if (done.has(outcome)) return result;
  if (outcome === 'not_allowed') {
    throw new CommandError(
      'Only an operator whose account is active may do this; see: operator list (not_allowed)',
      exitCodes.notAllowed,
    );
  }
  if (outcome.startsWith('unknown_')) {
    const what = outcome.slice('unknown_'.length).replaceAll('_', ' ');
    throw new CommandError(`There is no such ${what} (${outcome})`, exitCodes.notFound);
  }
  const why = [member, reason].filter((part) => part !== undefined).join(' ');
  throw new CommandError(why === '' ? outcome : `${why} (${outcome})`, exitCodes.refused);
}

/** @returns what to print of a use case that refused; anything else as it is. */
export function toCommandError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const { refusal } = error;
  if (refusal.code === 'not_found') return new CommandError('It was not found', exitCodes.notFound);
  const why =
    refusal.code === 'invalid'
      ? refusal.fields.map(({ field, message }) => `${field} ${message}`).join('; ')
      : 'reason' in refusal
        ? refusal.reason
        : `Asked for too often; try again in ${refusal.retryAfterSeconds} seconds`;
  return new CommandError(`${why} (${refusal.code})`, exitCodes.refused);
}
