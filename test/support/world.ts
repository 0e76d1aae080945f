/**
 * Builds a world in a database, row by row: `const world = worldIn(db)`, then `world.account()`.
 *
 * Every function takes columns that differ from the usual ones and returns what was inserted.
 */

import { randomUUID } from 'node:crypto';
import { randomSecret, secretPrefixes, sha256 } from '../../src/lib/secrets.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';

export type Columns = Record<string, unknown>;

export interface Account {
  id: string;
  email: string;
}

export interface Organization {
  id: string;
  slug: string;
}

export interface TreeDatabase {
  id: string;
  slug: string;
  organization_id: string;
}

export interface Branch {
  id: string;
  slug: string;
  organization_id: string;
  database_id: string;
  production: boolean;
}

export interface Client {
  id: string;
}

export interface Consent {
  id: string;
  account_id: string;
  client_id: string;
}

export interface Grant extends Consent {
  consent_id: string;
  created_at: Date;
}

/** What a user may pick; nothing picked is the user. */
export type Picked = Organization | TreeDatabase | Branch | undefined;

let made = 0;

/** A name that nothing else in the test run has. */
function unique(kind: string): string {
  made += 1;
  return `${kind}-${made}`;
}

export function worldIn(db: Db) {
  async function insert<Row>(table: string, row: Row): Promise<Row> {
    const columns = Object.keys(row as Columns);
    const places = columns.map((_, n) => `$${n + 1}`);
    const sql = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`;
    await db.query(statement(sql), Object.values(row as Columns));
    return row;
  }

  return {
    /** Runs any SQL, for what a test changes later. */
    run: (sql: string, values: unknown[] = []) => db.query(statement(sql), values),

    account: (columns: Columns = {}) => {
      const email = `${unique('user')}@example.test`;
      return insert('accounts', { id: randomUUID(), email, name: 'A user', ...columns });
    },

    organization: (columns: Columns = {}): Promise<Organization> =>
      insert('organizations', { id: randomUUID(), slug: unique('org'), name: 'Acme', ...columns }),

    member: (organization: Organization, account: Account, columns: Columns = {}) =>
      insert('organization_members', {
        organization_id: organization.id,
        account_id: account.id,
        ...columns,
      }),

    database: ({ id }: Organization, columns: Columns = {}): Promise<TreeDatabase> =>
      insert('databases', {
        id: randomUUID(),
        organization_id: id,
        slug: unique('database'),
        ...columns,
      }),

    branch: (database: TreeDatabase, columns: Columns = {}): Promise<Branch> =>
      insert('branches', {
        id: randomUUID(),
        organization_id: database.organization_id,
        database_id: database.id,
        slug: unique('branch'),
        production: false,
        ...columns,
      }),

    role: (database: TreeDatabase, account: Account, role: string) =>
      insert('database_roles', {
        database_id: database.id,
        organization_id: database.organization_id,
        account_id: account.id,
        role,
      }),

    team: async (organization: Organization, members: Account[], databases: TreeDatabase[]) => {
      const { id: organization_id } = organization;
      const id = randomUUID();
      await insert('teams', { id, organization_id, slug: unique('team'), name: 'Team' });
      for (const { id: account_id } of members) {
        await insert('team_members', { team_id: id, organization_id, account_id });
      }
      for (const { id: database_id } of databases) {
        await insert('team_databases', { team_id: id, organization_id, database_id });
      }
    },

    client: (columns: Columns = {}): Promise<Client> =>
      insert('clients', {
        id: unique('client'),
        name: 'An application',
        auth_method: 'client_secret_basic',
        ...columns,
      }),

    shutOut: (organization: Organization, client: Client) =>
      insert('application_shut_outs', { organization_id: organization.id, client_id: client.id }),

    approval: (organization: Organization, client: Client, columns: Columns = {}) =>
      insert('application_approvals', {
        organization_id: organization.id,
        client_id: client.id,
        ...columns,
      }),

    consent: (account: Account, client: Client, columns: Columns = {}): Promise<Consent> =>
      insert('consents', {
        id: randomUUID(),
        account_id: account.id,
        client_id: client.id,
        version: 1,
        ...columns,
      }),

    entry: (consent: Consent, picked: Picked, scope: string, columns: Columns = {}) =>
      insert('consent_entries', {
        id: randomUUID(),
        consent_id: consent.id,
        account_id: consent.account_id,
        ...pickedColumns(picked),
        scope,
        version: 1,
        ...columns,
      }),

    grant: (consent: Consent, columns: Columns = {}): Promise<Grant> =>
      insert('grants', {
        id: unique('grant'),
        consent_id: consent.id,
        account_id: consent.account_id,
        client_id: consent.client_id,
        payload: {},
        created_at: new Date(),
        expires_at: inSeconds(3600),
        ...columns,
      }),

    /** @returns the token in clear. */
    token: async (grant: Grant, columns: Columns = {}): Promise<string> => {
      const prefix =
        columns['kind'] === 'RefreshToken'
          ? secretPrefixes.refreshToken
          : secretPrefixes.accessToken;
      const token = randomSecret(prefix);
      await insert('tokens', {
        id: sha256(token),
        kind: 'AccessToken',
        grant_id: grant.id,
        client_id: grant.client_id,
        consent_id: grant.consent_id,
        account_id: grant.account_id,
        granted_at: grant.created_at,
        consent_version: 1,
        payload: {},
        expires_at: inSeconds(600),
        ...columns,
      });
      return token;
    },
  };
}

/** A moment from now on, or before now. */
export function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

/** The columns of a consent entry that say what was picked. */
function pickedColumns(picked: Picked): Columns {
  if (picked === undefined) return { level: 'user' };
  if ('database_id' in picked) {
    const { id: branch_id, organization_id, database_id, production } = picked;
    return { level: 'branch', organization_id, database_id, branch_id, production };
  }
  if ('organization_id' in picked) {
    const { id: database_id, organization_id } = picked;
    return { level: 'database', organization_id, database_id };
  }
  return { level: 'organization', organization_id: picked.id };
}
