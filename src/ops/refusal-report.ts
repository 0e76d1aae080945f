/**
 * Tells the log of what was refused to strangers: it is in no audit trail, and not lost either.
 *
 * @module
 */

import type { Logger } from 'pino';
import { takeStrangerRefusals } from '../organizations/stranger-refusals.ts';
import type { Sweep } from './sweeper.ts';

/** @returns what writes one line with the counts since the last one, if there are any. */
export function refusalReport(logger: Logger): Sweep {
  return async () => {
    const refused = takeStrangerRefusals();
    if (Object.keys(refused).length > 0) logger.info({ refused }, 'acts were refused to strangers');
    return false;
  };
}
