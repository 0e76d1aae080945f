/**
 * Turns what the consent page is about into what `views/consent.ejs` shows: printed ids, names and
 * whole sentences.
 *
 * @module
 */

import { isEmpty } from '../../catalogue/scope-set.ts';
import { scopeOf } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { asksAt } from '../../consent/asked-scope.ts';
import { type Choice, emptyChoice } from '../../consent/choice.ts';
import { type Found, foundAtATime, pathOf } from '../../consent/find-resources.ts';
import { type Lifetime, lifetimes } from '../../consent/lifetime.ts';
import { keyOf } from '../../consent/merge-entries.ts';
import type { ConsentPage } from '../../consent/page.ts';
import { levelsAsked, type PageBase } from '../../consent/page-base.ts';
import { isOpen } from '../../consent/resource-offers.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import { mapWithPauses } from '../../lib/pauses.ts';
import { lifetimeWords, openidWords } from './consent-words.ts';
import { type ResourceSetting, type ResourceView, resourceView } from './resource-view.ts';
import { scopeGroups } from './scope-groups.ts';

/** So many organizations are listed; a search finds the others. */
const mostOrganizations = 10;

/** So few permissions are shown at once. */
const fewLines = 8;

/** So many organizations say what is special about them. */
const mostNotices = 3;

/** With so many picks each shows its permissions only once they are asked for. */
const manyPicks = 30;

/** What is wrong with resources, by their printed id. */
export type ResourceErrors = ReadonlyMap<string, string>;

/** @returns the values of the view but for what its form is sent with. */
export async function consentView(t: Messages, page: ConsentPage, errors: ResourceErrors) {
  const { choice, found, picked } = page;
  const setting = settingOf(t, page, choice, found, errors);
  const resources = await mapWithPauses(picked, (offer) => {
    const view = resourceView(offer, setting);
    return picked.length > manyPicks && view.own === undefined ? { ...view, missing: [] } : view;
  });
  const groups = scopeGroups(t, page, choice.scopes);
  const hasTree = levelsAsked(page).length > 0;
  const isOutOfReach = page.confines !== undefined && page.confines.resource === undefined;
  const isAnythingOpen =
    !isOutOfReach &&
    page.outOfReach.length === 0 &&
    (page.sorts.some(isOpen) ||
      page.account !== undefined ||
      picked.length > 0 ||
      isEmpty(page.asked.scopes));
  return {
    application: page.application,
    isDifference: page.isDifference,
    allowedCount: new Set(page.entries.map(({ resource }) => keyOf(resource))).size,
    isReview: !page.isDifference && picked.length > 0 && page.entries.length > 0,
    ends: endsOf(t, page),
    openid: page.asked.openid.map((name) => t.text(openidWords[name] ?? 'consent-page.openid')),
    groups,
    areGroupsOpen: groups.reduce((sum, { lines }) => sum + lines.length, 0) <= fewLines,
    hasTree: hasTree && !isOutOfReach,
    isOutOfReach,
    isAnythingOpen,
    within: withinOf(t, page),
    isSearchable: isSearchable(page),
    outOfReach: t.list(page.outOfReach.map(({ scope }) => scopeWords(scopeOf(scope), t.locale))),
    isNowhere: page.organizations.length === 0,
    notices: noticesOf(t, page),
    resources,
    goneCount: page.gone.length,
    organizations: organizationsOf(t, page, setting),
    results: resultsView(t, page, found, errors),
    shown: choice.shown.map(({ level, id }) => printId(level, id)),
  };
}

/** @returns what can be chosen at all; undefined where that is everything. */
function withinOf(t: Messages, page: ConsentPage): string | undefined {
  const { resource } = page.confines ?? {};
  if (resource === undefined) return undefined;
  const key = isSearchable(page) ? 'consent-page.where-within' : 'consent-page.where-only';
  return t.text(key, { path: pathOf(resource) });
}

/** Whether there is more to choose than the one resource that the page is confined to. */
function isSearchable(page: ConsentPage): boolean {
  const { resource } = page.confines ?? {};
  return resource === undefined || levelsAsked(page).some((level) => level !== resource.level);
}

/** @returns what `views/consent/results.ejs` shows. */
export function resultsView(
  t: Messages,
  base: PageBase,
  found: Found,
  errors: ResourceErrors = new Map(),
) {
  const setting = settingOf(t, base, emptyChoice, found, errors);
  const { search, count, items } = found;
  const from = search.page * foundAtATime + 1;
  return {
    items: items.map((offer) => resourceView(offer, setting)),
    search: search.text,
    count,
    words: foundWords(t, base, found),
    range:
      count > items.length && items.length > 0
        ? t.text('consent-page.showing', { from, to: from + items.length - 1 })
        : undefined,
    previous: search.page > 0 ? search.page - 1 : undefined,
    next: from + items.length - 1 < count && items.length > 0 ? search.page + 1 : undefined,
  };
}

function foundWords(t: Messages, base: PageBase, { search, count, isBeside }: Found): string {
  const { text } = search;
  if (text !== '' && count === 0 && isBeside) return t.text('consent-page.found-else', { text });
  if (text !== '') return t.text('consent-page.found', { count, text });
  const isInDatabase = base.confines?.resource?.level === 'database';
  if (asksAt(base.asked.scopes, 'database') && !isInDatabase)
    return t.text('consent-page.found-all', { count });
  return asksAt(base.asked.scopes, 'branch')
    ? t.text('consent-page.found-all-branches', { count })
    : t.text('consent-page.found-all-organizations', { count });
}

function settingOf(
  t: Messages,
  base: PageBase,
  choice: Choice,
  { branches }: Found,
  errors: ResourceErrors,
): ResourceSetting {
  const picks = new Map(choice.picks.map((pick) => [keyOf(pick), pick]));
  return { t, base, choice, picks, branches, errors };
}

/** An organization with how much is in it; with a box where something of its own level is asked. */
interface OrganizationView {
  readonly name: string;
  readonly slug: string;
  readonly inside: string;
  readonly databases: number;
  readonly resource: ResourceView | undefined;
}

/** Listed beside what was found, where that is about databases or branches. */
function organizationsOf(
  t: Messages,
  page: ConsentPage,
  setting: ResourceSetting,
): OrganizationView[] {
  const levels = levelsAsked(page);
  const isOwnLevel = levels.includes('organization');
  if (levels.length === Number(isOwnLevel) || page.found.search.text !== '') return [];
  if (!isOwnLevel && page.organizations.length < 2) return [];
  return page.organizations
    .filter(({ id }) => !setting.picks.has(keyOf({ level: 'organization', id })))
    .slice(0, mostOrganizations)
    .map((organization) => {
      const databases = page.databases.get(organization.id) ?? 0;
      const offer = page.offers({ level: 'organization', organization } as const);
      return {
        name: organization.name,
        slug: organization.slug,
        databases,
        inside:
          databases === 0
            ? t.text('consent-page.in-organization-none')
            : t.text('consent-page.in-organization', { count: databases }),
        resource: isOwnLevel ? resourceView(offer, setting) : undefined,
      };
    });
}

const lifetimeKeys: Readonly<Record<Lifetime, string>> = {
  until_removed: 'consent-page.ends-until-removed',
  '1_hour': 'consent-page.ends-hour',
  '1_day': 'consent-page.ends-day',
  '7_days': 'consent-page.ends-week',
  '30_days': 'consent-page.ends-month',
  '90_days': 'consent-page.ends-quarter',
};

/** For how long it can be; first, where something is allowed, that its end stays as it is. */
function endsOf(t: Messages, { entries, expiresAt, choice }: ConsentPage) {
  const time = expiresAt && t.time(expiresAt.toISOString());
  const kept = {
    value: '',
    text:
      time === undefined
        ? t.text('consent-page.ends-kept')
        : t.text('consent-page.ends-kept-at', { time }),
  };
  const options = lifetimes.map((value) => ({ value, text: t.text(lifetimeKeys[value]) }));
  return {
    options: entries.length > 0 ? [kept, ...options] : options,
    chosen: choice.lifetime ?? (entries.length > 0 ? '' : 'until_removed'),
  };
}

function noticesOf(t: Messages, { organizations, lifetimes }: ConsentPage): string[] {
  const limited = organizations.flatMap(({ id, name }) => {
    const limit = lifetimes.get(id);
    return limit === undefined ? [] : [lifetimeWords(t, name, limit)];
  });
  return limited.slice(0, mostNotices);
}
