/** Whom and what the pages are about: the demo data of the catalogue in use. */

interface Stage {
  readonly member: string;
  readonly administrator: string;
  /** A database, by its path. */
  readonly place: string;
  /** Scopes of a database that both of them can allow. */
  readonly reading: readonly string[];
  /** A development branch of it. */
  readonly branch: string;
  readonly secondPlace: string;
  /** Somebody who has something to allow on both places. */
  readonly ofTwoPlaces: string;
  /** Two accounts that may see the database. */
  readonly reviewer: string;
  readonly askedForMore: string;
  /** By what they are about, on a database but for the last one, which is a branch's. */
  readonly scopes: Readonly<
    Record<'sight' | 'branches' | 'people' | 'backups' | 'deletion' | 'branch', string>
  >;
}

const ofDefault: Stage = {
  member: 'member@acme.test',
  administrator: 'admin@acme.test',
  place: 'acme/shop',
  reading: ['database:read_database', 'database:read_branches'],
  branch: 'feature-x',
  secondPlace: 'acme/analytics',
  ofTwoPlaces: 'member@acme.test',
  reviewer: 'dba@acme.test',
  askedForMore: 'team@acme.test',
  scopes: {
    sight: 'database:read_database',
    branches: 'database:write_branches',
    people: 'database:write_members',
    backups: 'database:read_backups',
    deletion: 'database:delete_database',
    branch: 'branch:write_branch',
  },
};

/** The made-up platform's, see test/catalogue/workbench/demo.json. */
const ofWorkbench: Stage = {
  member: 'editor@studio.test',
  administrator: 'owner@studio.test',
  place: 'studio/website',
  reading: ['database:read_project', 'database:read_environments'],
  branch: 'draft',
  secondPlace: 'studio/app',
  ofTwoPlaces: 'owner@studio.test',
  reviewer: 'analyst@studio.test',
  askedForMore: 'money@studio.test',
  scopes: {
    sight: 'database:read_project',
    branches: 'database:write_environments',
    people: 'database:write_members',
    backups: 'database:read_backups',
    deletion: 'database:delete_project',
    branch: 'branch:write_environment',
  },
};

export const stage = process.env['CATALOGUE'] === undefined ? ofDefault : ofWorkbench;
