/** The pages of an organization's applications, in every state. */

import { newId } from '../../src/lib/ids.ts';
import { nameManager } from '../../src/portal/managers.ts';
import { registerOwn } from '../../src/portal/own-applications.ts';
import type { TypedApplication } from '../../src/portal/typed-application.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findOrganizationBySlug } from '../../src/storage/tree/organizations.ts';
import { inSession } from '../organizations/world.ts';
import type { TestServer } from '../support/server.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, member } = stage;
const slug = 'acme';
const own = `/organizations/${slug}/applications/own`;

const typed: TypedApplication = {
  name: 'Lookout',
  description: 'Shows what changed since yesterday, and tells who asks.',
  homePage: 'https://lookout.example/',
  kind: 'web',
  redirectUris: ['https://lookout.example/callback'],
  scopes: [],
  required: [],
  contact: 'lookout@acme.test',
  privacy: '',
  terms: '',
};

async function accountOf({ database }: TestServer, email: string): Promise<string> {
  const find = statement('select id from accounts where email = $1');
  const [row] = await database.db.query<{ id: string }>(find, [email]);
  return row?.id ?? '';
}

/** A new application of the organization, with a manager. @returns its address. */
async function managed(server: TestServer): Promise<string> {
  const { db } = server.database;
  const organizationId = (await findOrganizationBySlug(db, slug))?.id ?? '';
  const owner = { actor: inSession(await accountOf(server, administrator)), organizationId };
  const clientId = `app_${newId().replaceAll('-', '')}`;
  await db.query(statement(`delete from clients where name = $1`), [typed.name]);
  await registerOwn(db, owner, { id: clientId, typed, production: false });
  await nameManager(db, { owner, clientId }, await accountOf(server, member));
  return `${own}/${clientId}`;
}

const inManaged =
  (email: string, more = ''): Open =>
  async (page, server) =>
    signedIn((await managed(server)) + more, email)(page, server);

const unfolded =
  (open: Open): Open =>
  async (page, server) => {
    await open(page, server);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  };

/** Somebody else changed the description, and the name that was typed. */
const outdated: Open = async (page, server) => {
  await inManaged(member, '/edit')(page, server);
  const change = `update clients set version = version + 1, description = 'Reports',
    name = 'Reports' where name = $1`;
  await server.database.db.query(statement(change), [typed.name]);
  await page.locator('form.own-app [name="name"]').fill('Lookout every night');
  await page.locator('form.own-app .actions button').click();
  await page.waitForLoadState();
  await server.database.db.query(statement(`delete from clients where name = 'Reports'`));
};

const refusedHost: Open = async (page, server) => {
  await inManaged(member, '/edit')(page, server);
  await page
    .locator('form.own-app [name="redirect_uris"]')
    .fill('https://other.lookout.example/callback');
  await page.locator('form.own-app .actions button').click();
  await page.waitForLoadState();
};

const unknownMember: Open = async (page, server) => {
  await inManaged(administrator)(page, server);
  await page.locator('#manager-email').fill('nobody@example.com');
  await page.locator('#managers form[action$="/managers/add"] button').click();
  await page.waitForLoadState();
};

const refusedAdoption: Open = async (page, server) => {
  await signedIn(`${own}/adopt`, administrator)(page, server);
  await page.locator('#client_id').fill('app_1');
  await page.locator('#registration_access_token').fill('another');
  await page.locator('main .actions button').click();
  await page.waitForLoadState();
};

/** Their states. */
export const organizationStates: readonly PageState[] = [
  { name: 'organization applications', open: signedIn(own, administrator) },
  { name: 'organization applications, not theirs', open: signedIn(own, stage.reviewer) },
  {
    name: 'organization applications, unknown organization',
    open: signedIn('/organizations/nowhere/applications/own', member),
  },
  { name: 'organization application, new', open: signedIn(`${own}/new`, administrator) },
  { name: 'organization application', open: unfolded(inManaged(administrator)) },
  { name: 'organization application, of a manager', open: unfolded(inManaged(member)) },
  { name: 'organization application, unknown member', open: unknownMember },
  { name: 'organization application, a new host by a manager', open: refusedHost },
  { name: 'organization application, changed meanwhile', open: outdated },
  { name: 'organization application, adopt', open: signedIn(`${own}/adopt`, administrator) },
  { name: 'organization application, adoption refused', open: refusedAdoption },
];
