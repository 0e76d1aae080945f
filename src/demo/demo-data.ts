/**
 * The demo data, as documented: two organizations, eleven accounts, four databases, five clients.
 *
 * @module
 */

import type { BaseRole, DatabaseRole } from '../members/roles.ts';

/** The password of every demo account. */
export const demoPassword = 'usher-demo';

/** E-mail addresses, in the order of the documentation. */
export const demoAccounts = [
  'admin@acme.test',
  'dba@acme.test',
  'team@acme.test',
  'developer@acme.test',
  'member@acme.test',
  'admin@vault.test',
  'reader@vault.test',
  'developer@vault.test',
  'guest@vault.test',
  'consultant@vault.test',
  'operator@usher.test',
] as const;

type Email = (typeof demoAccounts)[number];

/** An organization with all that is in it. */
export interface DemoOrganization {
  readonly slug: string;
  readonly baseRole: BaseRole;
  readonly admin: Email;
  readonly members: readonly Email[];
  /** A branch is production where its name says `main`. */
  readonly databases: Readonly<Record<string, readonly string[]>>;
  readonly roles: readonly [Email, database: string, DatabaseRole][];
  readonly team?: { readonly slug: string; readonly member: Email; readonly database: string };
}

export const demoOrganizations: readonly DemoOrganization[] = [
  {
    slug: 'acme',
    baseRole: 'member',
    admin: 'admin@acme.test',
    members: [
      'dba@acme.test',
      'team@acme.test',
      'developer@acme.test',
      'member@acme.test',
      'consultant@vault.test',
    ],
    databases: { shop: ['main', 'staging', 'feature-x'], analytics: ['main', 'dev'] },
    roles: [
      ['dba@acme.test', 'shop', 'database_admin'],
      ['developer@acme.test', 'shop', 'database_developer'],
    ],
    team: { slug: 'data', member: 'team@acme.test', database: 'analytics' },
  },
  {
    slug: 'vault',
    baseRole: 'none',
    admin: 'admin@vault.test',
    members: [
      'reader@vault.test',
      'developer@vault.test',
      'guest@vault.test',
      'consultant@vault.test',
    ],
    databases: { ledger: ['main', 'audit'], secrets: ['main'] },
    roles: [
      ['reader@vault.test', 'ledger', 'database_reader'],
      ['developer@vault.test', 'ledger', 'database_developer'],
      ['consultant@vault.test', 'ledger', 'database_admin'],
    ],
  },
];

/** A client, by what makes it different from the others. */
export interface DemoClient {
  readonly id: string;
  readonly name: string;
  readonly applicationType: 'web' | 'native';
  readonly secret: string | undefined;
  /** Undefined: the platform. */
  readonly owner: 'acme' | 'vault' | undefined;
  readonly redirectUris: readonly string[];
  readonly scope: 'all' | string;
  readonly resourceServer?: 'platform' | 'organization';
}

/** @param issuer serves the demo application's own callback. */
export function demoClients(issuer: string): readonly DemoClient[] {
  const web = { applicationType: 'web', scope: 'all' } as const;
  const api = { applicationType: 'web', redirectUris: [], scope: '' } as const;
  return [
    {
      ...web,
      id: 'demo-app',
      name: 'Demo App',
      secret: 'demo-app-secret',
      owner: 'acme',
      redirectUris: [`${issuer}/demo/callback`, 'http://localhost:8765/callback'],
    },
    {
      id: 'demo-cli',
      name: 'Demo CLI',
      applicationType: 'native',
      secret: undefined,
      owner: 'acme',
      redirectUris: ['http://127.0.0.1/callback'],
      scope: 'all',
    },
    {
      ...api,
      id: 'demo-api',
      name: 'Demo API',
      secret: 'demo-api-secret',
      owner: undefined,
      resourceServer: 'platform',
    },
    {
      ...api,
      id: 'vault-api',
      name: 'Vault API',
      secret: 'vault-api-secret',
      owner: 'vault',
      resourceServer: 'organization',
    },
    {
      ...web,
      id: 'tiny-app',
      name: 'Tiny App',
      secret: 'tiny-app-secret',
      owner: 'vault',
      redirectUris: ['http://localhost:8766/callback'],
      scope: 'user:read_user database:read_database database:read_branches',
    },
  ];
}
