/** Whom and what the pages are about: the demo data of the catalogue in use. */

interface Stage {
  readonly member: string;
  readonly administrator: string;
  /** A database, by its path. */
  readonly place: string;
  /** Scopes of a database that both of them can allow. */
  readonly reading: readonly string[];
}

const ofDefault: Stage = {
  member: 'member@acme.test',
  administrator: 'admin@acme.test',
  place: 'acme/shop',
  reading: ['database:read_database', 'database:read_branches'],
};

/** The made-up platform's, see test/catalogue/workbench/demo.json. */
const ofWorkbench: Stage = {
  member: 'editor@studio.test',
  administrator: 'owner@studio.test',
  place: 'studio/website',
  reading: ['database:read_project', 'database:read_environments'],
};

export const stage = process.env['CATALOGUE'] === undefined ? ofDefault : ofWorkbench;
