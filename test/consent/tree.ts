/** A small world to consent in: two organizations, their people, two applications. */

import { newId } from '../../src/lib/ids.ts';
import { type Db, statement } from '../../src/storage/engine/database.ts';

/** Adds rows to a table, given as objects with the same members. */
export async function insert(db: Db, table: string, ...rows: object[]): Promise<void> {
  for (const row of rows) {
    const columns = Object.keys(row);
    const values = columns.map((_name, index) => `$${index + 1}`);
    const text = `insert into ${table} (${columns.join(', ')}) values (${values.join(', ')})`;
    await db.query(statement(text), Object.values(row));
  }
}

/** Runs SQL that a test needs only here. */
export function run<Row extends object>(db: Db, text: string, ...values: unknown[]) {
  return db.query<Row>(statement(text), values);
}

export type Tree = Awaited<ReturnType<typeof plantTree>>;

/**
 * - `acme` (base role `member`): `shop` (main in production, staging) and `analytics` (main in
 *   production); `admin` administers it, `dba` administers `shop`, `member` is a plain member.
 * - `vault` (base role `none`): `ledger` and `secrets` (main in production each); `guest` has no
 *   role on a database, `consultant` administers `ledger` and is a plain member of acme.
 * - `app` belongs to vault and an operator verified it; `wild` registered itself.
 */
export async function plantTree(db: Db) {
  const [acme, vault] = [newId(), newId()];
  const [shop, analytics, ledger, secrets] = [newId(), newId(), newId(), newId()];
  const branches = {
    main: newId(),
    staging: newId(),
    analyticsMain: newId(),
    ledgerMain: newId(),
    secretsMain: newId(),
  };
  const people = {
    admin: newId(),
    dba: newId(),
    member: newId(),
    guest: newId(),
    consultant: newId(),
    stranger: newId(),
  };
  for (const [name, id] of Object.entries(people)) {
    await insert(db, 'accounts', { id, name, email: `${name}-${id}@usher.test` });
  }
  await insert(
    db,
    'organizations',
    { id: acme, slug: `acme-${acme.slice(0, 8)}`, name: 'Acme', base_role: 'member' },
    { id: vault, slug: `vault-${vault.slice(0, 8)}`, name: 'Vault', base_role: 'none' },
  );
  const join = (organization_id: string, account_id: string, role = 'organization_member') =>
    insert(db, 'organization_members', { organization_id, account_id, role });
  await join(acme, people.admin, 'organization_admin');
  await join(acme, people.dba);
  await join(acme, people.member);
  await join(acme, people.consultant);
  await join(vault, people.guest);
  await join(vault, people.consultant);
  const databases = [
    { id: shop, organization_id: acme, slug: 'shop' },
    { id: analytics, organization_id: acme, slug: 'analytics' },
    { id: ledger, organization_id: vault, slug: 'ledger' },
    { id: secrets, organization_id: vault, slug: 'secrets' },
  ];
  await insert(db, 'databases', ...databases);
  const branch = (id: string, slug: string, database_id: string, production: boolean) => ({
    id,
    slug,
    database_id,
    organization_id: [shop, analytics].includes(database_id) ? acme : vault,
    production,
  });
  await insert(
    db,
    'branches',
    branch(branches.main, 'main', shop, true),
    branch(branches.staging, 'staging', shop, false),
    branch(branches.analyticsMain, 'main', analytics, true),
    branch(branches.ledgerMain, 'main', ledger, true),
    branch(branches.secretsMain, 'main', secrets, true),
  );
  const role = (database_id: string, account_id: string, organization_id: string) =>
    insert(db, 'database_roles', {
      database_id,
      account_id,
      organization_id,
      role: 'database_admin',
    });
  await role(shop, people.dba, acme);
  await role(ledger, people.consultant, vault);
  const app = `app-${acme.slice(0, 8)}`;
  const wild = `wild-${acme.slice(0, 8)}`;
  const client = { auth_method: 'client_secret_basic', redirect_uris: ['https://app.test/cb'] };
  await insert(
    db,
    'clients',
    { ...client, id: app, name: 'Reports', owner_organization_id: vault, is_verified: true },
    { ...client, id: wild, name: 'Wild', is_dynamic: true },
  );
  return { acme, vault, shop, analytics, ledger, secrets, ...branches, ...people, app, wild };
}
