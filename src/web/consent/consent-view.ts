/**
 * Turns a proposal into what `views/consent.ejs` shows: printed ids, names and whole sentences.
 *
 * @module
 */

import type { Level } from '../../catalogue/scope-rule.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { ResourceOffer, ScopeOffer } from '../../consent/offers.ts';
import type {
  BranchOffer,
  DatabaseOffer,
  OrganizationOffer,
  Proposal,
} from '../../consent/propose.ts';
import { printId } from '../../lib/ids.ts';
import { mapWithPauses } from '../../lib/pauses.ts';
import { isAdministratorRole } from '../../members/roles.ts';
import type { MemberOrganization } from '../../storage/tree/resources.ts';
import {
  levelWords,
  lifetimeWords,
  type Names,
  openidWords,
  reachOf,
  refusalWords,
  withheldWords,
} from './consent-words.ts';

/** One box of a scope. */
interface ScopeView {
  readonly scope: string;
  readonly words: string;
  readonly reach: string;
  /** Why it is closed, rests, or reaches less for now; undefined where there is nothing to say. */
  readonly remark: string | undefined;
  /** Whether it reaches production branches of what is picked, as things stand. */
  readonly isForProduction: boolean;
  readonly isTicked: boolean;
  readonly isClosed: boolean;
}

/** One resource with its box and those of its scopes. */
export interface ResourceView {
  readonly id: string;
  readonly label: string;
  /** Its full name, for the list of what is picked. */
  readonly path: string;
  readonly hint: string;
  /** Of a branch. */
  readonly kind: 'production' | 'development' | undefined;
  readonly isPicked: boolean;
  /** The box for production branches; undefined where there is none. */
  readonly includesProduction: boolean | undefined;
  /** Nothing of it can be given. */
  readonly isClosed: boolean;
  readonly stands: boolean;
  readonly scopes: readonly ScopeView[];
}

/** @returns the values of the view; `search` is what the user looked for, or ''. */
export async function consentView(proposal: Proposal, search: string) {
  const { account, application } = proposal;
  const asksInside = proposal.asked.database.length + proposal.asked.branch.length > 0;
  const organizations = [];
  for (const one of proposal.organizations) {
    organizations.push(await organizationView(one, { asksInside, isSearched: search !== '' }));
  }
  const resources = [
    ...(account ? [accountView(account)] : []),
    ...organizations.flatMap((one) => [
      ...(one.resource ? [one.resource] : []),
      ...one.databases.flatMap(({ resource, branches }) => [resource ?? [], branches].flat()),
    ]),
  ];
  const isLarge = isCut(proposal);
  const hasTree = asksInside || proposal.asked.organization.length > 0;
  return {
    application,
    openid: proposal.openid.map((name) => openidWords[name] ?? name),
    asked: levelsOf(proposal),
    accountResource: account && accountView(account),
    organizations,
    organizationsLeftOut: proposal.organizationsLeftOut,
    isLarge,
    hasTree,
    isNothingFound: organizations.every(
      ({ pickedCount, databases }) => pickedCount > 0 && databases.every(isPickedSomewhere),
    ),
    isAnythingClosed: resources.some(hasClosed),
    isNothingOpen:
      hasTree && !isLarge && search === '' && resources.every(({ isClosed }) => isClosed),
    stands: resources.some(({ stands }) => stands),
    shown: resources.filter(({ stands }) => stands).map(({ id }) => id),
  };
}

const levels: readonly Level[] = ['user', 'organization', 'database', 'branch'];

function levelsOf({ asked }: Proposal) {
  return levels
    .filter((level) => asked[level].length > 0)
    .map((level) => ({
      heading: levelWords[level],
      scopes: asked[level].map((scope) => ({ scope: scope.scope, words: scopeWords(scope) })),
    }));
}

function isPickedSomewhere({ resource, branches }: ReturnType<typeof databaseView>): boolean {
  return [resource ?? [], branches].flat().some(({ isPicked }) => isPicked);
}

function hasClosed({ scopes }: ResourceView): boolean {
  return scopes.some(({ isClosed }) => isClosed);
}

/** Whether there is more than the page shows, so that a search is of use. */
function isCut({ organizations, organizationsLeftOut }: Proposal): boolean {
  const isPart = ({ databasesLeftOut, databases }: OrganizationOffer) =>
    databasesLeftOut > 0 || databases.some(({ branchesLeftOut }) => branchesLeftOut > 0);
  return organizationsLeftOut > 0 || organizations.some(isPart);
}

function accountView(offer: ResourceOffer): ResourceView {
  const label = 'Your own account';
  return resourceView(offer, { label, path: 'your own account', names: undefined });
}

interface Asked {
  /** Whether something of databases or branches is asked. */
  readonly asksInside: boolean;
  readonly isSearched: boolean;
}

async function organizationView(one: OrganizationOffer, { asksInside, isSearched }: Asked) {
  const { organization, offer, databases, databasesLeftOut } = one;
  const isEmpty = asksInside && databases.length + databasesLeftOut === 0;
  const names = { organization: organization.name };
  const views = await mapWithPauses(databases, (database) => databaseView(database, one));
  const resource =
    offer &&
    resourceView(offer, { label: `All of ${organization.name}`, path: organization.slug, names });
  return {
    name: organization.name,
    slug: organization.slug,
    notices: noticesOf(one),
    whyEmpty: isEmpty ? emptyWords(organization, isSearched) : undefined,
    resource,
    databases: views,
    databasesLeftOut,
    pickedCount: [
      resource ?? [],
      ...views.map(({ resource: own, branches }) => [own ?? [], branches].flat()),
    ]
      .flat()
      .filter(({ isPicked }) => isPicked).length,
  };
}

function emptyWords({ name, membership }: MemberOrganization, isSearched: boolean): string {
  if (isSearched) return `No database of ${name} matches.`;
  return isAdministratorRole(membership.organizationRole)
    ? `There is no database in ${name} yet.`
    : `You have no role on any database of ${name}, so there is none to pick. An administrator of ${name} can give you one.`;
}

function noticesOf({ organization, awaitsApproval, maxGrantSeconds }: OrganizationOffer): string[] {
  const { name } = organization;
  const approval = `${name} lets applications in only after an Organization Administrator has approved them, and this one is not approved yet. Ask an administrator of ${name}, then start again.`;
  const limit = maxGrantSeconds && lifetimeWords(maxGrantSeconds);
  return [
    ...(awaitsApproval ? [approval] : []),
    ...(limit ? [`${name} ends each access of this application after ${limit}.`] : []),
  ];
}

function databaseView(
  { database, offer, branches, branchesLeftOut }: DatabaseOffer,
  of: OrganizationOffer,
) {
  const { name, slug } = of.organization;
  const names = { organization: name, database: database.slug };
  const path = `${slug}/${database.slug}`;
  return {
    name: database.slug,
    path,
    resource: offer && resourceView(offer, { label: database.slug, path, names }),
    branches: branches.map((branch) => branchView(branch, path, names)),
    branchesLeftOut,
  };
}

function branchView({ branch, offer }: BranchOffer, above: string, names: Names): ResourceView {
  const { slug: label, production } = branch;
  const path = `${above}/${label}`;
  const view = resourceView(offer, { label, path, names: { ...names, branch: label } });
  return { ...view, kind: production ? 'production' : 'development' };
}

interface Named {
  readonly label: string;
  readonly path: string;
  /** Undefined for the user's own account. */
  readonly names: Names | undefined;
}

function resourceView(offer: ResourceOffer, { label, path, names }: Named): ResourceView {
  const scopes = offer.scopes.map((one) => scopeView(one, names));
  const given = scopes.filter(({ isClosed }) => !isClosed).length;
  return {
    id: printId(offer.level, offer.id),
    label,
    path,
    hint: hintOf(given, scopes),
    kind: undefined,
    isPicked: offer.isPicked,
    includesProduction: offer.includesProduction,
    isClosed: given === 0,
    stands: offer.stands,
    scopes,
  };
}

function hintOf(given: number, scopes: readonly ScopeView[]): string {
  const remark = scopes[0]?.remark;
  if (given === 0 && scopes.every((one) => one.remark === remark)) return remark ?? '';
  if (given === 0) return 'You can give nothing of what is asked here.';
  if (scopes.length === 1) return 'The one permission asked';
  const count = given === scopes.length ? 'All' : `${given} of the`;
  return `${count} ${scopes.length} permissions asked`;
}

function scopeView(offer: ScopeOffer, names: Names | undefined): ScopeView {
  const { scope, state, isTicked } = offer;
  return {
    scope: scope.scope,
    words: scopeWords(scope),
    reach: reachOf(scope, names),
    remark: names && remarkOf(offer, names),
    isForProduction: names?.branch === undefined && reachesProduction(offer),
    isTicked,
    isClosed: state === 'closed',
  };
}

function reachesProduction({ scope, state, withheld }: ScopeOffer): boolean {
  if (scope.actsOn !== 'branch' || scope.requires.production === null) return false;
  return state === 'open' && withheld.every(({ where }) => where !== 'production');
}

function remarkOf(offer: ScopeOffer, names: Names): string | undefined {
  const { state, refusal, withheld, isOfOtherKind } = offer;
  const why = refusal && refusalWords(refusal, names);
  if (state === 'closed') return why;
  if (state === 'kept') return `You allowed it before. It rests now: ${why}`;
  if (isOfOtherKind) {
    return 'You allowed it when the branch was of the other kind. It rests until you tick it again.';
  }
  return withheld.map((one) => withheldWords(one, names)).join(' ') || undefined;
}
