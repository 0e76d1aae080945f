/**
 * The form of a resource server: what was typed is read here, and shown again with what is wrong with it.
 *
 * @module
 */

import { z } from 'zod';
import { names, type ScopeSet, scopeSet } from '../../catalogue/scope-set.ts';
import { type ScopeName, scopes } from '../../catalogue/scopes.ts';
import type { Messages } from '../../lib/messages.ts';
import { invalid, type RefusedError } from '../../organizations/refusals.ts';
import type { ResourceServerWish } from '../../organizations/resource-servers.ts';
import type { OwnedResourceServer } from '../../storage/clients/organization-resource-servers.ts';
import { addressTexts, conflictTexts } from './server-faults.ts';

/** What was typed; nothing is checked. */
export interface TypedServer {
  readonly name: string;
  readonly requiresResource: boolean;
  /** None: it accepts all. */
  readonly scopes: readonly string[];
  /** Those that are asked for where a request names none; none: all that it accepts. */
  readonly defaults: readonly string[];
}

/** What the form of one that exists sends along of what it was opened with. */
export const serverForm = z.object({
  name: z.string(),
  requiresResource: z.boolean(),
  scopes: z.array(z.string()),
  defaults: z.array(z.string()),
});

/** The fields of the form: message keys. */
export const serverLabels: Readonly<Record<keyof TypedServer, string>> = {
  name: 'own-app-form.name',
  requiresResource: 'own-server.requires-fact',
  scopes: 'own-server.accepts',
  defaults: 'own-server.defaults',
};

/** What it means that a field holds nothing: message keys. */
export const serverNothing = {
  scopes: 'own-server.accepts-all',
  defaults: 'own-server.defaults-all',
} as const;

/** An empty form. */
export const nothingTyped: TypedServer = {
  name: '',
  requiresResource: false,
  scopes: [],
  defaults: [],
};

/** @returns what was typed; of scopes those of the catalogue first, in its order. */
export function readTyped(fields: URLSearchParams): TypedServer {
  return {
    name: fields.get('name') ?? '',
    requiresResource: fields.get('requires_resource') === 'yes',
    scopes: inOrder(fields.getAll('scope')),
    defaults: inOrder(fields.getAll('default')),
  };
}

function inOrder(sent: readonly string[]): readonly string[] {
  const wanted = new Set(sent);
  const known = scopes.map(({ scope }) => scope).filter((scope) => wanted.has(scope));
  return [...known, ...Array.from(wanted).filter((one) => !isKnown(one))];
}

function isKnown(name: string): name is ScopeName {
  return scopes.some(({ scope }) => scope === name);
}

/** A resource server as its form shows it. */
export function typedOf(server: OwnedResourceServer): TypedServer {
  const { name, requiresResource, accepted, usual } = server;
  if (accepted === undefined) return { ...nothingTyped, name, requiresResource };
  const defaults = usual === accepted ? [] : names(usual);
  return { name, requiresResource, scopes: names(accepted), defaults };
}

/**
 * @returns what was typed, as it is registered.
 * @throws {RefusedError} `invalid`: a scope that the catalogue has not.
 */
export function wishOf({ name, requiresResource, ...typed }: TypedServer) {
  const wish = {
    name,
    requiresResource,
    scopes: readScopes('scopes', typed.scopes),
    defaultScopes: readScopes('default_scopes', typed.defaults),
  };
  return wish satisfies ResourceServerWish;
}

function readScopes(field: string, typed: readonly string[]): ScopeSet | null {
  const known = typed.filter(isKnown);
  if (known.length < typed.length) throw invalid({ field, message: unknownScope });
  return known.length === 0 ? null : scopeSet(known);
}

const unknownScope = 'must hold only scopes of the catalogue';

/** Why scopes are refused: message keys, by the words of the API. */
const scopeTexts: Readonly<Record<string, string>> = {
  [unknownScope]: 'own-server.scope-unknown',
  'needs scopes as well': 'own-server.default-outside',
  'must be a part of scopes': 'own-server.default-outside',
};

/** What is shown beside the fields, or above the form. */
export function errorsOf(t: Messages, { refusal }: RefusedError) {
  if (refusal.code === 'conflict') {
    const text = t.text(conflictTexts[refusal.reason] ?? 'own-server.address-fault');
    return refusal.reason === 'address_taken' ? { audience: text } : { notice: text };
  }
  const fields = refusal.code === 'invalid' ? refusal.fields : [];
  const of = (name: string) => fields.find(({ field }) => field === name);
  const [name, audience, accepted, usual] = [
    of('name'),
    of('audience'),
    of('scopes'),
    of('default_scopes'),
  ];
  return {
    name: name && t.text('own-app-form.name-fault'),
    audience: audience && t.text(addressTexts[audience.message] ?? 'own-server.address-fault'),
    scopes: accepted && t.text(scopeTexts[accepted.message] ?? 'own-server.scopes-fault'),
    defaults: usual && t.text(scopeTexts[usual.message] ?? 'own-server.default-fault'),
  };
}
