/**
 * What an application would like the user to choose, as its authorization request says it: a wish that
 * ticks boxes or sorts them, and gives nothing by itself.
 *
 *     authorization_details=[{"type":"usher","identifier":"acme/shop","actions":["database:read_database"]}]
 *     organization=acme   database=acme/shop   branch=acme/shop/main   single_resource=true
 *
 * An identifier is a printed id or the slugs, `acme/shop/main` or
 * `organizations/acme/databases/shop/branches/main`. The properties of an element are those of Usher's own
 * answers, so an application can send back what it got; others are refused.
 *
 * Source: RFC 9396 sections 2, 5 (what is refused) and 7.1.
 *
 * @module
 */

import { expandForRequest } from '../catalogue/expand-scope.ts';
import { type Level, levels } from '../catalogue/scope-rule.ts';
import { parseScopeSet, type ScopeSet } from '../catalogue/scope-set.ts';
import { parseId } from '../lib/ids.ts';
import type { NamedPath } from '../storage/tree/resource-lookup.ts';

/** A resource that the application names; whether there is one is not asked here. */
export interface WishedResource {
  readonly path: NamedPath;
  readonly level: Exclude<Level, 'user'>;
  /** The scopes that it would like there; undefined: all that it asks at that level. */
  readonly scopes: ScopeSet | undefined;
}

/** What the request says. */
export interface Preselection {
  readonly resources: readonly WishedResource[];
  /** The application works with one resource: the user chooses one. */
  readonly isSingle: boolean;
}

/** The request wishes nothing. */
export const noPreselection: Preselection = { resources: [], isSingle: false };

/** Why `authorization_details` is refused; fit to be an `error_description`. */
export class PreselectionError extends Error {}

const mostElements = 50;

/**
 * Reads the parameters of an authorization request.
 *
 * @param params they have been checked, or are to be; `scope` is expanded and canonical.
 * @throws {PreselectionError} `authorization_details` is malformed, of another type, or beyond `scope`.
 */
export function readPreselection(params: Readonly<Record<string, unknown>>): Preselection {
  const scope = parseScopeSet(textOf(params['scope']));
  return {
    resources: [...readDetails(params['authorization_details'], scope), ...readSimple(params)],
    isSingle: params['single_resource'] === 'true',
  };
}

function readDetails(value: unknown, scope: ScopeSet): WishedResource[] {
  if (value === undefined) return [];
  const elements = parseJson(value);
  if (!Array.isArray(elements)) throw malformed('must be a JSON array');
  if (elements.length > mostElements) throw malformed(`must have at most ${mostElements} elements`);
  return elements.flatMap((element) => readElement(element, scope) ?? []);
}

function parseJson(value: unknown): unknown {
  try {
    return JSON.parse(textOf(value));
  } catch {
    throw malformed('must be JSON');
  }
}

const isText = (value: unknown) => typeof value === 'string';

/** The properties that an element may have, as Usher's answers have them. */
const properties: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => value === 'usher',
  level: (value) => levels.some((level) => level === value),
  identifier: isText,
  path: isText,
  actions: (value) => Array.isArray(value) && value.every(isText),
  /** Production is for the user to choose: it is accepted, and ticks nothing. */
  production: (value) => typeof value === 'boolean',
};

/** @returns undefined where the element is about the account, or names what nothing can be called. */
function readElement(element: unknown, scope: ScopeSet): WishedResource | undefined {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw malformed('must hold objects');
  }
  const fields = new Map(Object.entries(element));
  if (fields.get('type') !== 'usher') throw malformed('must be of the type usher');
  for (const [name, value] of fields) {
    const isGood = Object.hasOwn(properties, name) && properties[name]?.(value) === true;
    if (!isGood) throw malformed(`has a property ${printable(name)} that is unknown or malformed`);
  }
  const identifier = fields.get('identifier') ?? fields.get('path');
  if (identifier === undefined) throw malformed('needs an identifier in each element');
  const found = readReference(String(identifier));
  const level = fields.get('level') ?? found?.level;
  if (found !== undefined && level !== found.level) {
    throw malformed('has a level that its identifier is not of');
  }
  const scopes = readActions(fields.get('actions'), scope);
  return found && { ...found, scopes };
}

function readActions(actions: unknown, scope: ScopeSet): ScopeSet | undefined {
  if (!Array.isArray(actions)) return undefined;
  const expansion = expandForRequest(actions.join(' '), scope, undefined);
  if (expansion.outcome === 'expanded') return expansion.scopes;
  throw malformed('names actions that are not in scope');
}

function readSimple(params: Readonly<Record<string, unknown>>): WishedResource[] {
  const [organization, database, branch] = ['organization', 'database', 'branch'].map((name) =>
    textOf(params[name]),
  );
  const parts = [organization, database, branch].filter(
    (part) => part !== undefined && part !== '',
  );
  const [last] = parts.toReversed();
  if (last === undefined) return [];
  const isId = parseIdOf(last) !== undefined;
  // `organization=acme&database=shop` is `acme/shop`; a path or an id is whole by itself.
  const isWhole = isId || last.includes('/') || parts.some((part) => part?.includes('/'));
  const found = readReference(isWhole ? last : parts.join('/'));
  return found === undefined ? [] : [{ ...found, scopes: undefined }];
}

const slug = '([a-z0-9][a-z0-9-]{0,62})';
const shortPath = new RegExp(`^${slug}(?:/${slug}(?:/${slug})?)?$`);
const longPath = new RegExp(
  `^/?organizations/${slug}(?:/databases/${slug}(?:/branches/${slug})?)?$`,
);

/** @returns undefined for a text that nothing can be called: as what is not there. */
function readReference(text: string): Omit<WishedResource, 'scopes'> | undefined {
  const byId = parseIdOf(text);
  if (byId !== undefined) return byId;
  const [, organization, database, branch] = longPath.exec(text) ?? shortPath.exec(text) ?? [];
  if (organization === undefined) return undefined;
  const path = {
    organization: { slug: organization },
    database: { slug: database },
    branch: { slug: branch },
    team: {},
  };
  const level = branch ? 'branch' : database ? 'database' : 'organization';
  return { path, level };
}

function parseIdOf(text: string): Omit<WishedResource, 'scopes'> | undefined {
  const nothing = { organization: {}, database: {}, branch: {}, team: {} };
  for (const level of ['organization', 'database', 'branch'] as const) {
    const id = parseId(level, text);
    if (id !== undefined) return { path: { ...nothing, [level]: { id } }, level };
  }
  return undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** It goes into an address and a header. */
function printable(name: string): string {
  return name.replaceAll(/[^\w-]/g, '?').slice(0, 40);
}

function malformed(what: string): PreselectionError {
  return new PreselectionError(`authorization_details ${what}`);
}
