/**
 * What a consent page is about, whatever is picked on it or found: who asks, what is decided, and what
 * the user could give, one answer for each sort of resource.
 *
 * An application that asks for more than before shows only the difference: what is allowed is left as it
 * is. A person who is asked again without anything new, or whom the application wants to be asked
 * (`prompt=consent`), sees the present choice. So it is where the rest of the request would need a page
 * of its own, since none of it is allowed, some of it is lost or rests, or is required by now.
 * An application that works with one resource always shows all that is allowed, so that it stays one.
 *
 * @module
 */

import {
  emptySet,
  has,
  intersect,
  isEmpty,
  type ScopeSet,
  union,
  without,
} from '../catalogue/scope-set.ts';
import { type ScopeName, scopes } from '../catalogue/scopes.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import type { DatabaseRoles } from '../members/permissions.ts';
import { administratorRoles } from '../members/roles.ts';
import { type ApplicationSummary, findApplication } from '../storage/clients/client-list.ts';
import type { AddressedResource } from '../storage/clients/resource-servers.ts';
import { entriesOf, type StoredEntry } from '../storage/consents/consent-entries.ts';
import { findConsent, type Pair } from '../storage/consents/consents.ts';
import type { Db } from '../storage/engine/database.ts';
import type { SeenResource } from '../storage/tree/resource-lookup.ts';
import { whomToAsk } from '../storage/tree/resource-search.ts';
import { type MemberOrganization, memberOrganizations } from '../storage/tree/resources.ts';
import { type AskedScope, asksAt, formatAskedScope, parseAskedScope } from './asked-scope.ts';
import { type Confines, confinedTo, findConfines, isWithin } from './confines.ts';
import { type ConsentedScope, consentedIn } from './consented-scope.ts';
import {
  awaitsApproval,
  awaitsProduction,
  type GrantabilityFacts,
  loadGrantabilityFacts,
  longestGrant,
} from './grantability.ts';
import { keyOf } from './merge-entries.ts';
import { isPageNeeded } from './needed.ts';
import { type Preselected, preselect } from './preselect.ts';
import { noPreselection, type Preselection } from './preselection.ts';
import { type OutOfReach, requiredOutOfReach, requiredScopes } from './required.ts';
import {
  createOffers,
  type OfferedResource,
  type Offers,
  refusedEverywhere,
} from './resource-offers.ts';

/** Who is asked for what. */
export interface BaseRequest extends Pair {
  /** The request's scope from the server's own store, expanded and canonical. */
  readonly asked: string;
  /** Whether the present choice is to be shown although more is asked (`prompt=consent`). */
  readonly isReview: boolean;
  /** What the application would like to be chosen. */
  readonly preselection?: Preselection | undefined;
  /** The resource that the resource server's address names: nothing outside of it can be allowed. */
  readonly addressed?: AddressedResource | undefined;
}

/** What a page is about, whatever is picked or found. */
export interface PageBase {
  readonly application: ApplicationSummary;
  /** What is decided on the page: all that is asked, or what is new of it. */
  readonly asked: AskedScope;
  /** Whether only what is new is asked, and the rest is allowed already. */
  readonly isDifference: boolean;
  readonly organizations: readonly MemberOrganization[];
  /** Whom to ask in an organization, by its id: an administrator's name. */
  readonly administrators: ReadonlyMap<string, string>;
  readonly entries: readonly StoredEntry[];
  /** The asked scopes that cannot be left out: each must be given on at least one resource. */
  readonly required: ScopeSet;
  /** Those of them that the user can give nowhere: then the page can only offer to cancel. */
  readonly outOfReach: readonly OutOfReach[];
  /** When the present consent ends; undefined without one, and where only removal ends it. */
  readonly expiresAt: Date | undefined;
  readonly offers: Offers;
  /** What the application's wish comes to; looked up when it is asked for. */
  readonly preselected: () => Promise<Preselected>;
  /** One resource of each sort that there is, with what is offered on it. */
  readonly sorts: readonly OfferedResource[];
  /** By the id of an organization that must approve the application first, and has not. */
  readonly waiting: ReadonlySet<string>;
  /** As `waiting`, of production alone: where something is asked that could reach it. */
  readonly waitingForProduction: ReadonlySet<string>;
  /** How old a grant may grow, by the id of an organization that limits it. */
  readonly lifetimes: ReadonlyMap<string, number>;
  /** Where the choice is confined to; undefined where it is not. */
  readonly confines: Confines | undefined;
}

/** @returns what the page is about; undefined when there is no such application. */
export async function loadPageBase(db: Db, request: BaseRequest): Promise<PageBase | undefined> {
  const { accountId, clientId, preselection = noPreselection, addressed } = request;
  const application = await findApplication(db, clientId, accountId);
  if (application === undefined) return undefined;
  const confines = addressed && (await findConfines(db, accountId, addressed));
  const resourceId = confines && confinedTo(confines);
  const consent = await findConsent(db, request, resourceId);
  const allEntries = consent === undefined ? [] : await entriesOf(db, consent.id);
  const entries = allEntries.filter(({ resource }) => isWithin(confines, resource));
  const whole = parseAskedScope(request.asked);
  const required = requiredScopes(application, whole.scopes);
  const difference =
    consent === undefined || entries.length === 0 || request.isReview || preselection.isSingle
      ? undefined
      : differenceIn(whole, required, consentedIn(consent, resourceId));
  const asked = difference ?? whole;

  const organizations = (await memberOrganizations(db, accountId)).filter(
    ({ id }) => confines === undefined || id === confines.resource?.organization.id,
  );
  const ids = organizations.map(({ id }) => id);
  const grantability = await loadGrantabilityFacts(db, accountId, application, ids);
  const given = entries.map((entry) => entry.scopes).reduce(union, emptySet);
  const stored = Map.groupBy(entries, ({ resource }) => keyOf(resource));
  const offers = createOffers({ asked: asked.scopes, stored, grantability });
  const sorts = await sortsInAll(organizations, grantability, confines);
  return {
    application,
    asked,
    isDifference: difference !== undefined,
    organizations,
    administrators: await whomToAsk(db, accountId, ids, administratorRoles),
    entries,
    required,
    outOfReach: requiredOutOfReach(required, given, organizations, grantability),
    expiresAt: consent?.expiresAt,
    offers,
    preselected: () =>
      preselect(db, accountId, preselection, {
        asked: asked.scopes,
        facts: grantability,
        confines,
      }),
    sorts: await mapWithPauses(sorts, (resource) => offers(resource)),
    ...limitsIn(organizations, grantability, asked.scopes),
    confines,
  };
}

async function sortsInAll(
  organizations: readonly MemberOrganization[],
  { databaseRoles }: GrantabilityFacts,
  confines: Confines | undefined,
) {
  const sorts = await mapWithPauses(organizations, (organization) =>
    sortsIn(organization, databaseRoles.get(organization.id) ?? [], confines?.resource),
  );
  return sorts.flat();
}

/** What organizations demand of an application before, and while, it is let in. */
function limitsIn(
  organizations: readonly MemberOrganization[],
  facts: GrantabilityFacts,
  asked: ScopeSet,
): Pick<PageBase, 'waiting' | 'waitingForProduction' | 'lifetimes'> {
  return {
    waiting: new Set(organizations.filter((one) => awaitsApproval(one, facts)).map(({ id }) => id)),
    waitingForProduction: new Set(
      (couldReachProduction(asked) ? organizations : [])
        .filter((one) => awaitsProduction(one, facts))
        .map(({ id }) => id),
    ),
    lifetimes: new Map(
      organizations
        .map((one) => [one.id, longestGrant(one, facts)] as const)
        .filter((pair): pair is [string, number] => pair[1] !== undefined),
    ),
  };
}

/** Whether any of the scopes acts on branches, and may act on those of production. */
function couldReachProduction(asked: ScopeSet): boolean {
  return scopes.some(
    ({ scope, actsOn, requires }) =>
      actsOn === 'branch' && requires.production !== null && has(asked, scope),
  );
}

/**
 * @returns what is asked now and was not before; undefined where that is nothing, or where the rest, asked
 *   alone, would need a page, too.
 */
function differenceIn(
  whole: AskedScope,
  required: ScopeSet,
  consented: ConsentedScope,
): AskedScope | undefined {
  const { asked: before } = consented;
  const isNew = (name: string) => !before.openid.includes(name);
  const fresh = {
    openid: whole.openid.filter(isNew),
    scopes: without(whole.scopes, before.scopes),
  };
  if (fresh.openid.length === 0 && isEmpty(fresh.scopes)) return undefined;
  const rest = {
    openid: whole.openid.filter((name) => !isNew(name)),
    scopes: intersect(whole.scopes, before.scopes),
  };
  const isRestOpen = isPageNeeded({
    asked: formatAskedScope(rest),
    consented,
    clientIsPublic: false,
    required: intersect(required, rest.scopes),
  });
  return isRestOpen ? undefined : fresh;
}

/** The kinds of resource that something is asked for. */
export function levelsAsked({ asked }: PageBase): ('organization' | 'database' | 'branch')[] {
  return (['organization', 'database', 'branch'] as const).filter((level) =>
    asksAt(asked.scopes, level),
  );
}

/** @returns why a scope can be given nowhere, and where not; undefined where it can. */
export function refusalOf(base: PageBase, scope: ScopeName) {
  return refusedEverywhere(scope, base.sorts);
}

/**
 * One resource of each sort in an organization, or in its one resource that there is to choose: what
 * can be allowed differs by roles and kind alone.
 */
function sortsIn(
  organization: MemberOrganization,
  databaseRoles: readonly DatabaseRoles[],
  resource: SeenResource | undefined,
): SeenResource[] {
  if (resource?.level === 'branch') return [resource];
  if (resource?.level === 'database') {
    return sortsIn(organization, [resource.database.roles], undefined).slice(1);
  }
  const databases = databaseRoles.map((roles) => ({
    id: '',
    organizationId: organization.id,
    slug: '',
    roles,
  }));
  const inside = databases.flatMap((database): SeenResource[] => {
    const { id: databaseId, organizationId } = database;
    const branch = { id: '', organizationId, databaseId, slug: '' };
    return [
      { level: 'database', organization, database },
      ...[false, true].map(
        (production): SeenResource => ({
          level: 'branch',
          organization,
          database,
          branch: { ...branch, production },
        }),
      ),
    ];
  });
  return [{ level: 'organization', organization }, ...inside];
}
