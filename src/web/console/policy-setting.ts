/**
 * Which applications of others need an approval, and for what.
 *
 * @module
 */

import { intersect, isSubset } from '../../catalogue/scope-set.ts';
import { type ApplicationPolicy, policyCeiling } from '../../decisions/policy.ts';
import { setApplicationPolicy } from '../../organizations/organization-settings.ts';
import {
  type ApplicationWithStatus,
  applicationStatuses,
  countConcerned,
} from '../../storage/clients/application-statuses.ts';
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

/** So many applications are named; the others are counted. */
const mostNamed = 100;

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
    const said = (those: readonly Difference[]) => [
      ...those
        .slice(0, mostNamed)
        .map(({ name, isWhole }) =>
          t.text(isWhole ? 'settings.policy-app' : 'settings.policy-app-production', { app: name }),
        ),
      ...(those.length > mostNamed
        ? [t.text('settings.policy-more', { count: those.length - mostNamed })]
        : []),
    ];
    return {
      who: t.text('settings.policy-who', { people }),
      gives: said(gives),
      takes: said(takes),
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

/** An application that comes to more or to less; `isWhole`: all or some of what it has, else production alone. */
interface Difference {
  readonly clientId: string;
  readonly name: string;
  readonly isWhole: boolean;
  readonly isLess: boolean;
}

async function differences(db: Db, { id, ...before }: Organization, after: Policy) {
  const { applicationPolicy: policy, guardsProduction } = before;
  const found = await applicationStatuses(db, id);
  const those = found.flatMap((one) => differenceOf(one, { policy, guardsProduction }, after));
  const idsOf = (isWhole: boolean) =>
    those.filter((one) => one.isWhole === isWhole).map(({ clientId }) => clientId);
  const { members: people } = await countConcerned(db, id, idsOf(true), idsOf(false));
  return {
    people,
    gives: those.filter(({ isLess }) => !isLess),
    takes: those.filter(({ isLess }) => isLess),
  };
}

/** One that is kept out has nothing before and nothing after. */
function differenceOf(one: ApplicationWithStatus, before: Policy, after: Policy): Difference[] {
  const [was, is] = [before, after].map((settings) =>
    policyCeiling({ ...settings, ...one, grantAgeSeconds: 0 }),
  );
  if (was === undefined || is === undefined) return [];
  const [had, has] = [intersect(one.given, was.scopes), intersect(one.given, is.scopes)];
  const isWhole = !(isSubset(had, has) && isSubset(has, had));
  if (!isWhole && (was.production === is.production || !one.reachesProduction)) return [];
  const isLess = isWhole ? isSubset(has, had) : was.production;
  return [{ clientId: one.clientId, name: one.name, isWhole, isLess }];
}
