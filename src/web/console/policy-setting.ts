/**
 * Which applications of others need an approval, and for what.
 *
 * @module
 */

import { isSubset, type ScopeSet } from '../../catalogue/scope-set.ts';
import { type ApplicationPolicy, policyCeiling } from '../../decisions/policy.ts';
import { setApplicationPolicy } from '../../organizations/organization-settings.ts';
import { listApplicationAccess } from '../../storage/clients/application-access.ts';
import { approvalsOf } from '../../storage/clients/approvals.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { Organization } from '../../storage/tree/organizations.ts';
import type { Setting } from './setting.ts';

/** What both settings are together, by the value of the form. */
interface Policy {
  readonly policy: ApplicationPolicy;
  readonly guardsProduction: boolean;
}

const choices = [
  { value: 'open', policy: 'open', guardsProduction: false, label: 'settings.policy-open' },
  { value: 'guarded', policy: 'open', guardsProduction: true, label: 'settings.policy-guarded' },
  {
    value: 'verified',
    policy: 'verified_only',
    guardsProduction: true,
    label: 'settings.policy-verified',
  },
  {
    value: 'approved',
    policy: 'approval_required',
    guardsProduction: true,
    label: 'settings.policy-approved',
  },
] as const satisfies readonly (Policy & { readonly value: string; readonly label: string })[];

function policyOf(value: string): Policy {
  return choices.find((one) => one.value === value) ?? choices[0];
}

/** More applications than anybody looks through before choosing. */
const mostLookedAt = 100;

export const policySetting: Setting = {
  path: '/application-policy',
  act: 'organization.application_policy_changed',
  title: 'settings.policy',
  lead: 'settings.policy-lead',
  done: 'settings.policy-done',
  valueOf({ applicationPolicy, guardsProduction }) {
    const isOpen = applicationPolicy === 'open';
    const same = choices.find(
      ({ policy, guardsProduction: guards }) =>
        policy === applicationPolicy && (!isOpen || guards === guardsProduction),
    );
    return same?.value ?? '';
  },
  choices: (t) => choices.map(({ value, label }) => ({ value, label: t.text(label) })),
  async effects(db, t, organization, value) {
    const { people, gives, takes } = await differences(db, organization, policyOf(value));
    const said = ({ name, isWhole }: Difference) =>
      t.text(isWhole ? 'settings.policy-app' : 'settings.policy-app-production', { app: name });
    return {
      who: t.text('settings.policy-who', { people }),
      gives: gives.map(said),
      takes: takes.map(said),
    };
  },
  save(work, actor, organizationId, value) {
    const { policy: applicationPolicy, guardsProduction } = policyOf(value);
    return setApplicationPolicy(work, actor, organizationId, {
      applicationPolicy,
      guardsProduction,
    });
  },
};

/** An application that comes to more or to less; `isWhole`: everything, else production alone. */
interface Difference {
  readonly name: string;
  readonly isWhole: boolean;
}

async function differences(db: Db, { id, ...before }: Organization, after: Policy) {
  const found = await listApplicationAccess(db, id, { after: undefined, limit: mostLookedAt });
  const [gives, takes]: [Difference[], Difference[]] = [[], []];
  let people = 0;
  for (const { item } of found) {
    const { name, clientId, isVerified: verified, isOwned: owned, members } = item;
    const approval = (await approvalsOf(db, clientId, [id])).get(id);
    const standing = { owned, verified, approval, isShutOut: false, grantAgeSeconds: 0 };
    const { applicationPolicy: policy, guardsProduction } = before;
    const was = policyCeiling({ ...standing, policy, guardsProduction });
    const is = policyCeiling({ ...standing, ...after });
    const isWhole = !isSame(was.scopes, is.scopes);
    if (!isWhole && was.production === is.production) continue;
    const isLess = isWhole ? isSubset(is.scopes, was.scopes) : was.production;
    (isLess ? takes : gives).push({ name, isWhole });
    people += members;
  }
  return { people, gives, takes };
}

const isSame = (one: ScopeSet, other: ScopeSet) => isSubset(one, other) && isSubset(other, one);
