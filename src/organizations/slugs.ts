/**
 * Slugs: the names in addresses. Unique within their parent, freed on deletion, never redirected.
 *
 * Reserved are the names that pages of Usher's own have in that part of an address, or might have one day.
 *
 * @module
 */

import type { FieldFault } from './refusals.ts';

/** What has a slug. */
export type SlugKind = 'organization' | 'team' | 'database' | 'branch';

const form = /^[a-z0-9][a-z0-9-]{0,62}$/;

const everywhere = ['new', 'create', 'edit', 'delete', 'search', 'import', 'export', 'all', 'me'];

const besideOrganizations = [
  [
    'account',
    'accounts',
    'admin',
    'api',
    'assets',
    'auth',
    'consent',
    'databases',
    'demo',
    'device',
  ],
  ['docs', 'help', 'home', 'interaction', 'invitations', 'login', 'logout', 'members', 'oauth'],
  ['openid', 'operator', 'operators', 'organizations', 'reset', 'root', 'scopes', 'settings'],
  [
    'set-up',
    'sign-in',
    'sign-out',
    'sign-up',
    'status',
    'support',
    'system',
    'teams',
    'user',
    'users',
  ],
  ['usher', 'well-known', 'www'],
].flat();

const reserved: Readonly<Record<SlugKind, ReadonlySet<string>>> = {
  organization: new Set([...everywhere, ...besideOrganizations]),
  team: new Set(everywhere),
  database: new Set(everywhere),
  branch: new Set(everywhere),
};

/** @returns what is wrong with a slug; undefined for one that may be taken if it is free. */
export function slugFault(kind: SlugKind, slug: string): FieldFault | undefined {
  if (!form.test(slug)) {
    const message = 'must be 1 to 63 of a-z, 0-9 and hyphens, and not begin with a hyphen';
    return { field: 'slug', message };
  }
  return reserved[kind].has(slug) ? { field: 'slug', message: 'is reserved' } : undefined;
}
