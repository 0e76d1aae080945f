/**
 * Addresses of resource servers with a resource in their path:
 *
 *     https://mcp.example.com/{organization}/{database}
 *
 * A resource indicator that fits one names a resource by its slugs, and its token is for that resource alone.
 *
 * Source: RFC 8707 section 2 (resource indicators).
 *
 * @module
 */

import type { Level } from '../catalogue/scope-rule.ts';
import {
  allScopes,
  emptySet,
  intersect,
  isEmpty,
  type ScopeSet,
  scopesAtLevel,
  union,
} from '../catalogue/scope-set.ts';
import type { AcceptedScopes, ScopeFault } from './accepted-scopes.ts';
import { readAddress } from './addresses.ts';
import { inOneSpelling, isSameResource } from './resource-indicators.ts';

/** The kinds of resource that an address can name, the widest first. */
const levels = ['organization', 'database', 'branch'] as const;

/** A kind of resource that an address can name. */
export type CarriedLevel = Exclude<Level, 'user'>;

/** Slugs, as far as an address has them. */
export type Slugs = Readonly<Partial<Record<CarriedLevel, string>>>;

/** An address that fits a pattern. */
export interface FittingAddress {
  /** Written as the pattern is: with a slash at its end or without. */
  readonly audience: string;
  readonly slugs: Slugs;
}

const slug = /^[a-z0-9][a-z0-9-]{0,62}$/;
const placeholder = /^\{(organization|database|branch)\}$/;
const parts = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(\/.*)?$/;

/** Whether an address is a pattern; what has braces is one, well-formed or not. */
export function isPattern(address: string): boolean {
  return /[{}]/.test(address);
}

/**
 * Reads an address that may be a pattern, as `readAddress` does.
 *
 * @param isInside whether it is of one organization, which it then need not name.
 * @returns the address, a pattern with its placeholders as they were written; or what is wrong.
 */
export function readResourceAddress(text: string, isInside: boolean): URL | string {
  if (!isPattern(text)) return readAddress(text);
  const { origin, segments } = split(text);
  const carried = segments.flatMap((segment) => nameIn(segment) ?? []);
  const plain = segments.map((segment) => nameIn(segment) ?? segment).join('/');
  if (isPattern(origin + plain) || plain.includes('?')) return wholeSegments;
  const [first = ''] = carried;
  const from = isInside && first === 'database' ? 1 : 0;
  const isInOrder = carried.every((name, index) => name === levels[index + from]);
  return isInOrder ? readAddress(origin + plain) : orderOf(isInside);
}

const wholeSegments =
  'may hold {organization}, {database} and {branch}, each as a whole segment of the path, and nothing else in braces';

function orderOf(isInside: boolean): string {
  const widest = isInside ? '{organization} or {database}' : '{organization}';
  return `must name the resources in their order, once each: ${widest} first, a {branch} behind its {database}`;
}

/** @returns how an address fits a pattern; undefined where it does not, or that is none. */
export function fitAddress(pattern: string, address: string): FittingAddress | undefined {
  if (!isPattern(pattern)) return undefined;
  const [wanted, given] = [split(inOneSpelling(pattern)), split(inOneSpelling(address))];
  const isAsLong = wanted.segments.length === given.segments.length;
  if (wanted.origin !== given.origin || !isAsLong) return undefined;
  const slugs: Partial<Record<CarriedLevel, string>> = {};
  for (const [index, segment] of wanted.segments.entries()) {
    const there = given.segments[index] ?? '';
    const name = nameIn(segment);
    if (name === undefined ? segment !== there : !slug.test(there)) return undefined;
    if (name !== undefined) slugs[name] = there;
  }
  const audience = pattern.replaceAll(/\{(\w+)\}/g, (_, name: CarriedLevel) => slugs[name] ?? '');
  return { audience, slugs };
}

/** Whether a token for `audience` is for the resource server that is registered under an address. */
export function isAudienceOf(registered: string, audience: string): boolean {
  return isSameResource(registered, audience) || fitAddress(registered, audience) !== undefined;
}

/** Whether one address could be meant by two that are registered. */
export function areAmbiguous(one: string, other: string): boolean {
  if (isSameResource(one, other)) return true;
  if (!isPattern(one) && !isPattern(other)) return false;
  const [first, second] = [split(inOneSpelling(one)), split(inOneSpelling(other))];
  if (first.origin !== second.origin) return false;
  if (first.segments.length !== second.segments.length) return false;
  return first.segments.every((segment, index) => canBeSame(segment, second.segments[index] ?? ''));
}

function canBeSame(one: string, other: string): boolean {
  if (one === other) return true;
  const [isOpen, isOtherOpen] = [placeholder.test(one), placeholder.test(other)];
  return (isOpen && (isOtherOpen || slug.test(other))) || (isOtherOpen && slug.test(one));
}

/** @returns the kind of resource that a pattern names; undefined of an address that is no pattern. */
export function levelOf(address: string): CarriedLevel | undefined {
  return levels.findLast((level) => address.includes(`{${level}}`));
}

/** @returns which of the accepted scopes can hold for the resource that an address names. */
export function acceptedInside(address: string, scopes: AcceptedScopes): AcceptedScopes {
  const level = levelOf(address);
  if (level === undefined) return scopes;
  const inside = levels
    .slice(levels.indexOf(level))
    .reduce<ScopeSet>((sum, one) => union(sum, scopesAtLevel[one]), emptySet);
  const { accepted = allScopes, usual } = scopes;
  return { accepted: intersect(accepted, inside), usual: intersect(usual, inside) };
}

/**
 * @returns what is wrong where nothing that is accepted, or that is asked for by default, can hold for
 *   that resource; else undefined.
 */
export function findScopeFault(address: string, scopes: AcceptedScopes): ScopeFault | undefined {
  const { accepted, usual } = acceptedInside(address, scopes);
  if (accepted === undefined) return undefined;
  const isSaid = scopes.accepted !== undefined; // else what an application registered is asked for
  if (!isEmpty(accepted) && !(isSaid && isEmpty(usual))) return undefined;
  const reason = `must hold a scope for what is in the {${levelOf(address)}} of its address`;
  return { field: isEmpty(accepted) ? 'scope' : 'default_scope', reason };
}

function nameIn(segment: string): CarriedLevel | undefined {
  const name = placeholder.exec(segment)?.[1];
  return levels.find((level) => level === name);
}

function split(address: string) {
  const [, origin = address, path = ''] = parts.exec(address) ?? [];
  return { origin, segments: path.split('/') };
}
