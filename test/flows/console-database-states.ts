/** Databases and their people in every state that somebody can see them in. */

import { printId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, member, place } = stage;
const [slug = '', database = ''] = place.split('/');
const base = `/organizations/${slug}/databases`;

const find = statement('select id from databases where slug = $1');
const mark = statement('update databases set external_id = $2 where slug = $1');

const at =
  (path = '', email = administrator): Open =>
  async (page, server) => {
    const [row] = await server.database.db.query<{ id: string }>(find, [database]);
    await signedIn(`${base}/${printId('database', row?.id ?? '')}${path}`, email)(page, server);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  };

const managed: Open = async (page, server) => {
  await server.database.db.query(mark, [database, 'platform-1']);
  await at()(page, server);
  await server.database.db.query(mark, [database, null]);
};

const refused: Open = async (page, server) => {
  await at()(page, server);
  await page.locator('#slug').fill('No Slug');
  await page.locator('#settings form button').click();
  await page.waitForLoadState();
};

const stranger: Open = async (page, server) => {
  await at('/access')(page, server);
  const form = page.locator('#add form');
  await form.locator('[name="email"]').fill('nobody@acme.test');
  await form.locator('button').click();
  await page.waitForLoadState();
};

export const databaseStates: readonly PageState[] = [
  { name: 'databases', open: signedIn(base, administrator) },
  { name: 'databases, none found', open: signedIn(`${base}?search=zzz`, member) },
  { name: 'database', open: at() },
  { name: 'database of a member', open: at('', member) },
  { name: 'database of the platform', open: managed },
  { name: 'database, refused', open: refused },
  { name: 'database, access', open: at('/access') },
  { name: 'database, access not given', open: stranger },
];
