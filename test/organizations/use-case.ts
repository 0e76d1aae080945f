/** What a row of the use cases says. */

import type { BranchAct, DatabaseAct, OrganizationAct } from '../../src/organizations/acts.ts';
import type { Attempt, Ids, Who } from './world.ts';

export interface UseCase {
  readonly act: OrganizationAct | DatabaseAct | BranchAct;
  readonly run: Attempt;
  readonly may: readonly Who[];
  /** The ids beside the organization's that it takes. */
  readonly takes: readonly Exclude<keyof Ids, 'organizationId'>[];
  readonly token: boolean;
  readonly service: boolean;
  /** What has to be done first, by the administrator. */
  readonly first?: Attempt;
}
