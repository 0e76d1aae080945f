/** The published data, as the tests read it: independent of the tables in `src`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Kind = 'user' | 'organization' | 'database' | 'branch';

export interface ScopeRow {
  scope: string;
  level: Kind;
  name: string;
  description: string;
  actsOn: Kind;
  requires: string[] | { development: string[] | null; production: string[] | null };
  effect: 'see' | 'change' | 'people' | 'delete' | 'secrets';
  origin: 'published' | 'extension';
}

export interface PermissionRow {
  id: string;
  on: 'organization' | 'database';
  label: string;
  reference: string;
  roles: string[];
}

export const scopeRows = read<{ scopes: ScopeRow[] }>('scopes.json').scopes;
export const permissionRows = read<{ permissions: PermissionRow[] }>(
  'permissions.json',
).permissions;

function read<Shape>(file: string): Shape {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../domain', file), 'utf8'));
}
