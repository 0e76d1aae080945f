/**
 * One resource of the consent page, as `views/consent/resource.ejs` shows it.
 *
 * @module
 */

import { has } from '../../catalogue/scope-set.ts';
import { scopeWords } from '../../catalogue/words.ts';
import {
  type Choice,
  type ChosenResource,
  chosenScopes,
  printOffered,
} from '../../consent/choice.ts';
import { pathOf } from '../../consent/find-resources.ts';
import { entryResourceOf } from '../../consent/grantability.ts';
import { keyOf } from '../../consent/merge-entries.ts';
import type { PageBase } from '../../consent/page-base.ts';
import { hasProductionChoice } from '../../consent/picked-resource.ts';
import { isOpen, type OfferedResource, type ScopeOffer } from '../../consent/resource-offers.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import type { SeenResource } from '../../storage/tree/resource-lookup.ts';
import { type Names, refusalWords, withheldWords } from './consent-words.ts';

/** A permission on one resource. */
interface OwnScope {
  readonly scope: string;
  readonly words: string;
  readonly remark: string | undefined;
  readonly isClosed: boolean;
  readonly isTicked: boolean;
}

/** What cannot be given there, and why. */
interface MissingScope {
  readonly words: string;
  readonly reason: string;
}

/** A resource, with its boxes. */
export interface ResourceView {
  readonly id: string;
  readonly name: string;
  /** Its full name. */
  readonly path: string;
  /** What it is, by message key. */
  readonly kind: string;
  readonly organization: string;
  /** Of a branch. */
  readonly isProduction: boolean | undefined;
  readonly gives: string;
  readonly isPicked: boolean;
  /** Nothing of it can be given. */
  readonly isClosed: boolean;
  /** Why nothing can, or how much. */
  readonly hint: string;
  readonly missing: readonly MissingScope[];
  /** What was allowed there and has no effect now, and why. */
  readonly resting: readonly MissingScope[];
  /** The box for production branches; undefined where no asked scope could reach one. */
  readonly production: ProductionBox | undefined;
  /** The permissions for this resource alone; undefined where it has the common ones. */
  readonly own: readonly OwnScope[] | undefined;
  readonly canHaveOwn: boolean;
  /** How many branches can be opened; 0 where there are none to pick. */
  readonly branchCount: number;
  /** What is wrong with it, after a form was refused. */
  readonly error: string | undefined;
}

interface ProductionBox {
  readonly isTicked: boolean;
  /** Why it cannot be ticked. */
  readonly reason: string | undefined;
}

/** What a resource is shown with. */
export interface ResourceSetting {
  readonly t: Messages;
  readonly base: PageBase;
  readonly choice: Choice;
  /** The picks of the choice by their key. */
  readonly picks: ReadonlyMap<string, ChosenResource>;
  readonly branches: ReadonlyMap<string, number>;
  /** Of the resource that was refused, by its printed id. */
  readonly errors: ReadonlyMap<string, string>;
}

const kinds = {
  organization: 'consent-page.kind-organization',
  database: 'consent-page.kind-database',
  branch: 'consent-page.kind-branch',
} as const;

/** @returns the resource as it is shown. */
export function resourceView(
  offer: OfferedResource,
  { t, base, choice, picks, branches, errors }: ResourceSetting,
): ResourceView {
  const { resource, scopes } = offer;
  const key = entryResourceOf(resource);
  const id = printId(key.level, key.id);
  const names = namesFor(resource, base);
  const pick = picks.get(keyOf(key));
  const given = scopes.filter(({ state }) => state !== 'closed').length;
  const missing = scopes.filter(({ state }) => state === 'closed');
  const isClosed = !isOpen(offer);
  return {
    id,
    name: nameOf(resource),
    path: pathOf(resource),
    kind: kinds[resource.level],
    organization: resource.organization.name,
    isProduction: resource.level === 'branch' ? resource.branch.production : undefined,
    gives: printOffered(offer.offered),
    isPicked: pick !== undefined && !isClosed,
    isClosed,
    hint: isClosed
      ? closedHint(t, scopes, names)
      : given < scopes.length
        ? t.text('consent-page.available', { given, count: scopes.length })
        : '',
    resting: scopes.flatMap((one) => restingView(t, one, names)),
    missing: isClosed ? [] : missing.map((one) => missingView(t, one, names)),
    production: hasProductionChoice(key)
      ? productionBox(t, scopes, names, pick?.includesProduction === true)
      : undefined,
    own:
      pick?.own === undefined
        ? undefined
        : scopes.map((one) =>
            ownScope(
              t,
              one,
              names,
              has(chosenScopes(pick, choice, base.asked.scopes), one.scope.scope),
            ),
          ),
    canHaveOwn: scopes.length > 1,
    branchCount: resource.level === 'database' ? (branches.get(resource.database.id) ?? 0) : 0,
    error: errors.get(id),
  };
}

/** The last part of its path; of an organization its name. */
function nameOf(resource: SeenResource): string {
  if (resource.level === 'organization') return resource.organization.name;
  const { slug: organization } = resource.organization;
  const { slug: database } = resource.database;
  return resource.level === 'database'
    ? `${organization}/${database}`
    : `${organization}/${database}/${resource.branch.slug}`;
}

/** The names that reasons on a resource need. */
export function namesFor(resource: SeenResource, { administrators }: PageBase): Names {
  const { id, name } = resource.organization;
  const isNamed = resource.level !== 'organization' && resource.database.slug !== '';
  return {
    organization: name,
    database: isNamed ? `${resource.organization.slug}/${resource.database.slug}` : undefined,
    person: administrators.get(id),
  };
}

function closedHint(t: Messages, scopes: readonly ScopeOffer[], names: Names): string {
  const reasons = new Set(
    scopes.map(({ refusal }) => (refusal ? refusalWords(t, refusal, names) : '')),
  );
  const [only] = reasons;
  return reasons.size === 1 && only
    ? only
    : t.text('consent-page.available', { given: 0, count: scopes.length });
}

function missingView(t: Messages, { scope, refusal }: ScopeOffer, names: Names): MissingScope {
  const reason = refusal ? refusalWords(t, refusal, names) : '';
  return { words: scopeWords(scope, t.locale), reason };
}

function restingView(t: Messages, offer: ScopeOffer, names: Names): MissingScope[] {
  const { scope, state, refusal } = offer;
  const rest = restWords(t, offer);
  if (state !== 'kept' && rest === undefined) return [];
  const reason = refusal ? refusalWords(t, refusal, names) : (rest ?? '');
  return [{ words: scopeWords(scope, t.locale), reason }];
}

/** Why what is allowed rests, though the user could give it; undefined where it does not. */
function restWords(t: Messages, { isOfOtherKind, isTooOld }: ScopeOffer): string | undefined {
  if (isTooOld) return t.text('consent-page.too-old');
  return isOfOtherKind ? t.text('consent-page.other-kind') : undefined;
}

function ownScope(t: Messages, offer: ScopeOffer, names: Names, isTicked: boolean): OwnScope {
  const { scope, state } = offer;
  return {
    scope: scope.scope,
    words: scopeWords(scope, t.locale),
    remark: remarkOf(t, offer, names),
    isClosed: state === 'closed',
    isTicked: isTicked && state !== 'closed',
  };
}

function remarkOf(t: Messages, offer: ScopeOffer, names: Names): string | undefined {
  const { state, refusal, withheld, needsProduction } = offer;
  const reason = refusal && refusalWords(t, refusal, names);
  if (state === 'closed') return reason;
  if (state === 'kept') return t.text('consent-page.kept', { reason: reason ?? '' });
  const rest = restWords(t, offer);
  if (rest !== undefined) return rest;
  if (needsProduction && hasProductionChoice({ level: offer.scope.level })) {
    return t.text('consent-reasons.production-consent');
  }
  return withheld.map((one) => withheldWords(t, one, names)).join(' ') || undefined;
}

/** Production can be included where an open scope reaches it now; else it says what it would take. */
function productionBox(
  t: Messages,
  scopes: readonly ScopeOffer[],
  names: Names,
  isTicked: boolean,
): ProductionBox | undefined {
  const reaching = scopes.filter(
    ({ scope, state }) =>
      state !== 'closed' && scope.actsOn === 'branch' && scope.requires.production !== null,
  );
  if (reaching.length === 0) return undefined;
  const held = reaching.map(({ withheld }) => withheld.find(({ where }) => where === 'production'));
  const first = held[0];
  if (
    isTicked ||
    first === undefined ||
    held.includes(undefined) ||
    first.where === 'some_databases'
  )
    return { isTicked, reason: undefined };
  return { isTicked: false, reason: refusalWords(t, first.refusal, names) };
}
