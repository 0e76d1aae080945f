/**
 * What another policy would take from the applications that have access now: asked before it is set.
 *
 * @module
 */

import { intersect, isEmpty, isSubset } from '../catalogue/scope-set.ts';
import { type PolicySettings, policyCeiling } from '../decisions/policy.ts';
import {
  type ApplicationWithStatus,
  applicationStatuses,
  type Concerned,
  countConcerned,
} from '../storage/clients/application-statuses.ts';
import type { Reader } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import { readInside } from './inside.ts';
import type { PolicyWish } from './organization-settings.ts';
import { inOrganization } from './rights.ts';

/** What an application would lose: all it has, some scopes, or production branches. */
type Loss = 'everything' | 'part' | 'production';

/** What a policy takes, and from how many. */
export interface PolicyPreview extends Concerned {
  readonly applications: readonly {
    readonly clientId: string;
    readonly name: string;
    readonly loses: Loss;
  }[];
}

/**
 * Reads, and changes nothing. What grants have outgrown already is not counted.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`.
 */
export function previewPolicy(
  db: Reader,
  actor: Actor,
  organizationId: string,
  { applicationPolicy, guardsProduction }: PolicyWish,
): Promise<PolicyPreview> {
  const entrance = inOrganization(actor, 'application_access.read', { organizationId });
  return readInside(db, entrance, async (tx, { organization }) => {
    const now = {
      policy: organization.applicationPolicy,
      guardsProduction: organization.guardsProduction,
    };
    const then = {
      policy: applicationPolicy ?? now.policy,
      guardsProduction: guardsProduction ?? now.guardsProduction,
    };
    const applications = (await applicationStatuses(tx, organizationId)).flatMap((one) => {
      const loses = lossOf(one, now, then);
      return loses === undefined ? [] : [{ clientId: one.clientId, name: one.name, loses }];
    });
    const those = (isWhole: boolean) =>
      applications
        .filter(({ loses }) => (loses !== 'production') === isWhole)
        .map(({ clientId }) => clientId);
    const concerned = await countConcerned(tx, organizationId, those(true), those(false));
    return { applications, ...concerned };
  });
}

function lossOf(
  one: ApplicationWithStatus,
  now: PolicySettings,
  then: PolicySettings,
): Loss | undefined {
  const [before, after] = [now, then].map((settings) =>
    policyCeiling({ ...settings, ...one, grantAgeSeconds: 0 }),
  );
  if (before === undefined || after === undefined) return undefined;
  const [had, has] = [intersect(one.given, before.scopes), intersect(one.given, after.scopes)];
  if (!isSubset(had, has)) return isEmpty(has) ? 'everything' : 'part';
  const losesProduction = before.production && !after.production && !isEmpty(had);
  return losesProduction && one.reachesProduction ? 'production' : undefined;
}
