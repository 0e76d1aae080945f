/**
 * Failures in the log. A fault of ours has its stack; what only happens around us has a line without:
 * an unavailable database is a warning, of which many are sampled, and a client that went away in the
 * middle of its request is worth a line for debugging only.
 *
 * @module
 */

import type { Logger } from 'pino';
import { DatabaseUnavailableError, TooBusyError } from '../lib/errors.ts';
import { createSampler } from '../lib/sampler.ts';

/** Writes a failure under a request's id. */
export type LogFailure = (id: string | undefined, error: unknown) => void;

/** @returns the writer for one process. */
export function createFailureLog(logger: Logger): LogFailure {
  const sample = createSampler();
  return (id, error) => {
    const reason = unavailability(error);
    if (reason !== undefined) {
      const times = sample(reason);
      if (times !== undefined) logger.warn({ id, reason, times }, 'unavailable');
    } else if (isBrokenOff(error)) {
      logger.debug({ id, code: codeOf(error) }, 'broken off');
    } else {
      logger.error({ id, err: error }, 'request failed');
    }
  };
}

/** What is not there, and why; undefined for every other error. */
function unavailability(error: unknown): string | undefined {
  if (error instanceof TooBusyError) return 'more work than can wait';
  if (!(error instanceof Error)) return undefined;
  if (!(error instanceof DatabaseUnavailableError)) {
    return error.cause instanceof DatabaseUnavailableError
      ? unavailability(error.cause)
      : undefined;
  }
  return error.cause instanceof Error ? `database: ${error.cause.message}` : 'database';
}

/** Node's codes for a peer that is gone, or that speaks no HTTP; raw-body's for a body cut short. */
function isBrokenOff(error: unknown): boolean {
  return /^(ERR_STREAM_PREMATURE_CLOSE|ECONN.*|EPIPE|HPE_.*)$/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
