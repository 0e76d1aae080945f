/**
 * What happened to an application, as answers say it.
 *
 * @module
 */

import type { z } from 'zod';
import type { FlowSummary } from '../../portal/flow-summary.ts';
import type * as schemas from './owned-application-schemas.ts';

export function printActivity({
  problems,
  flows,
  days,
}: FlowSummary): z.input<typeof schemas.ownedActivity> {
  return {
    problems: problems.map(({ kind, reason, detail, count, lastAt }) => ({
      event: kind,
      reason,
      detail,
      count,
      last_at: lastAt.toISOString(),
    })),
    flows: flows.map((steps) => ({
      steps: steps.map(({ kind, reason, at }) => ({ event: kind, reason, at: at.toISOString() })),
    })),
    days: days.map(({ day, counts }) => ({ day, counts: Object.fromEntries(counts) })),
  };
}
