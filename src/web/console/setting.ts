/**
 * A setting of an organization that is chosen on a page of its own, where it is shown what the choice gives
 * and takes, and for how many people, before anything is saved.
 *
 * @module
 */

import type { Messages } from '../../lib/messages.ts';
import type { Actor } from '../../organizations/actor.ts';
import type { OrganizationAct } from '../../organizations/acts.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import type { Organization } from '../../storage/tree/organizations.ts';

/** What a choice would change, in sentences. */
interface Effects {
  /** Over both lists: for whom. */
  readonly who: string;
  readonly gives: readonly string[];
  readonly takes: readonly string[];
}

/** One of the values that can be chosen. */
interface Choice {
  /** As the form sends it. */
  readonly value: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** How a setting is read, described, previewed and saved. */
export interface Setting {
  /** Below `/settings`. */
  readonly path: `/${string}`;
  readonly act: OrganizationAct;
  /** Message keys. */
  readonly title: string;
  readonly lead: string;
  readonly done: string;
  /** The present value, as the form sends it. */
  valueOf(organization: Organization): string;
  choices(t: Messages, organization: Organization): readonly Choice[];
  effects(db: Db, t: Messages, organization: Organization, value: string): Promise<Effects>;
  save(work: Work, actor: Actor, organizationId: string, value: string): Promise<Organization>;
}
