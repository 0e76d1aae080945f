/**
 * The scope catalogue: everything that an application may ask for, 66 published scopes and 7
 * extensions.
 *
 * Source: RFC 6749 section 3.3 (scope); the published scope tables. One description is cut off
 * there and completed here: `organization:restore_production_branch_backups`.
 *
 * @module
 */

import { branchScopes } from './branch-scopes.ts';
import { databaseScopes } from './database-scopes.ts';
import { extensionScopes } from './extension-scopes.ts';
import { organizationScopes } from './organization-scopes.ts';
import type { Level, ScopeRule, ScopeTable } from './scope-rule.ts';
import { userScopes } from './user-scopes.ts';

const published = { ...userScopes, ...organizationScopes, ...databaseScopes, ...branchScopes };

/** The canonical name of a scope, `level:name`. */
export type ScopeName = keyof typeof published | keyof typeof extensionScopes;

/** One row of the catalogue. */
export type Scope = ScopeRule & {
  readonly scope: ScopeName;
  readonly level: Level;
  /** The bare name, which may stand at several levels. */
  readonly name: string;
  readonly description: string;
  /** Whether the scope stands in the published catalogue or was added by Usher. */
  readonly origin: 'published' | 'extension';
};

/** All scopes in catalogue order: the published ones by level, then the extensions. */
export const scopes: readonly Scope[] = [
  ...rows(published, 'published'),
  ...rows(extensionScopes, 'extension'),
];

/** The canonical names in catalogue order. */
export const scopeNames: readonly ScopeName[] = scopes.map(({ scope }) => scope);

/** OpenID Connect's and OAuth's own scopes, accepted beside the catalogue (OIDC Core 5.4, 11). */
export const oidcScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

/** Whether a word of a scope is one of `oidcScopes`. */
export function isOidcScope(text: string): boolean {
  return oidcScopes.some((name) => name === text);
}

const byName: ReadonlyMap<string, Scope> = new Map(scopes.map((scope) => [scope.scope, scope]));

/** @returns the scope of that canonical name; undefined when the catalogue has none. */
export function findScope(name: ScopeName): Scope;
export function findScope(name: string): Scope | undefined;
export function findScope(name: string): Scope | undefined {
  return byName.get(name);
}

/** Whether a string is the canonical name of a scope. */
export function isScopeName(text: string): text is ScopeName {
  return byName.has(text);
}

function rows(table: ScopeTable, origin: Scope['origin']): Scope[] {
  return Object.entries(table).map(([key, row]) => {
    const scope = key as ScopeName;
    const [level, name] = scope.split(':') as [Level, string];
    return { scope, level, name, origin, ...row };
  });
}
