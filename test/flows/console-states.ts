/** The pages of the console in every state that a person can see them in. */

import { baseRoles, memberRole } from '../../src/members/roles.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { consentTo, demoApp } from '../support/oauth.ts';
import { type Open, type PageState, signedIn, submit } from './page-states.ts';
import { stage } from './stage.ts';

const { administrator, member, place } = stage;
const [slug = ''] = place.split('/');
const base = `/organizations/${slug}`;

const asAdministrator = (path: string): Open => signedIn(base + path, administrator);

/** With what is behind a button, or a menu, opened. */
const opened =
  (open: Open): Open =>
  async (page, server) => {
    await open(page, server);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  };

const renamed =
  (name: string, to: string): Open =>
  async (page, server) => {
    await asAdministrator('/settings')(page, server);
    await submit(page, '/settings/name', { name, slug: to });
  };

const renamedMeanwhile: Open = async (page, server) => {
  const rename = statement('update organizations set name = $2 where slug = $1');
  await asAdministrator('/settings')(page, server);
  await server.database.db.query(rename, [slug, 'Demo App']);
  await submit(page, '/settings/name', { name: 'Acme' });
  await server.database.db.query(rename, [slug, 'Acme']);
};

/** Somebody with two organizations, whom a third one invites. */
const invitedHome: Open = async (page, server) => {
  const { db } = server.database;
  const world = await makeWorld(db);
  const admin = inSession(world.accounts.admin);
  const { organizationId } = world.ids;
  await invite(db, admin, organizationId, { email: stage.reviewer, role: memberRole });
  await signedIn('/', stage.reviewer)(page, server);
};

/** The page of somebody, reached from the list. */
const memberPage =
  (email: string, before: Open = asAdministrator('/members')): Open =>
  async (page, server) => {
    await before(page, server);
    const row = page.locator('tr', { hasText: email });
    await row.locator('a').first().click();
    await page.waitForLoadState();
  };

const suspendedMember: Open = async (page, server) => {
  await opened(memberPage(stage.askedForMore))(page, server);
  await submit(page, '/suspend', {});
  await server.database.db.query(
    statement('update organization_members set suspended_at = null where suspended_at is not null'),
  );
};

const invitedMany: Open = async (page, server) => {
  await server.database.db.query(statement('delete from invitations'));
  await asAdministrator('/members/invitations')(page, server);
  const long = `${'somebody.'.repeat(6)}x@example.test`;
  await submit(page, '/members/invitations', { addresses: `one@x.test ${member} x ${long}` });
  await server.database.db.query(
    statement(`update invitations set expires_at = now() where email = 'one@x.test'`),
  );
};

/** Requests, invitations about to expire, an unverified application in production. */
const decisions: Open = async (page, server) => {
  const { db } = server.database;
  await consentTo(server, demoApp, administrator, stage.reading.join(' '), [place]);
  for (const sql of [
    `update clients set owner_organization_id = null where id = '${demoApp.id}'`,
    'update consent_entries set includes_production = true where branch_id is null',
    `insert into invitations (id, organization_id, email, expires_at)
     select gen_random_uuid(), id, 'late@x.test', now() from organizations where slug = '${slug}'
     on conflict do nothing`,
  ]) {
    await db.query(statement(sql));
  }
  await asAdministrator('')(page, server);
  await db.query(
    statement(`update clients set owner_organization_id =
      (select id from organizations where slug = '${slug}') where id = '${demoApp.id}'`),
  );
};

/** Signed out while a form was open, and in again. */
const signedInAgain: Open = async (page, server) => {
  await asAdministrator('/members/invitations')(page, server);
  await server.database.db.query(statement('delete from sessions'));
  await submit(page, '/members/invitations', { addresses: 'one@x.test' });
  await page.locator('#email').fill(administrator);
  await page.locator('#password').fill('usher-demo');
  await page.locator('button[value="sign-in"]').click();
  await page.locator('main .notice-warning').waitFor();
};

export const consoleStates: readonly PageState[] = [
  { name: 'console, home', open: signedIn('/organizations', administrator) },
  { name: 'console, home of nobody', open: signedIn('/organizations', 'operator@usher.test') },
  { name: 'console, home with an invitation', open: invitedHome },
  { name: 'console, account menu', open: opened(signedIn('/account')) },
  { name: 'console, overview', open: asAdministrator('') },
  { name: 'console, decisions', open: decisions },
  { name: 'console, signed in again', open: signedInAgain },
  { name: 'console, overview of a member', open: opened(signedIn(base, member)) },
  { name: 'console, not there', open: signedIn('/organizations/nothing') },
  { name: 'console, not for this role', open: signedIn(`${base}/settings`) },
  { name: 'console, members', open: asAdministrator('/members') },
  { name: 'console, members for a member', open: signedIn(`${base}/members`) },
  { name: 'console, members, nobody', open: asAdministrator('/members?search=zzz&order=name') },
  { name: 'console, a member', open: opened(memberPage(stage.reviewer)) },
  { name: 'console, a member suspended', open: suspendedMember },
  { name: 'console, oneself', open: memberPage(member, signedIn(`${base}/members`)) },
  { name: 'console, no invitations', open: asAdministrator('/members/invitations') },
  { name: 'console, invitations', open: invitedMany },
  {
    name: 'console, invitations refused',
    open: async (page, server) => {
      await asAdministrator('/members/invitations')(page, server);
      await submit(page, '/members/invitations', { addresses: ',' });
    },
  },
  { name: 'console, settings', open: asAdministrator('/settings') },
  { name: 'console, setting', open: asAdministrator('/settings/consent-time') },
  {
    name: 'console, setting of unused access',
    open: asAdministrator('/settings/unused-time?value=30'),
  },
  {
    name: 'console, setting with what it changes',
    open: asAdministrator(`/settings/base-role?value=${baseRoles[0]}`),
  },
  {
    name: 'console, setting that changes nothing',
    open: asAdministrator('/settings/application-policy?value=approved'),
  },
  { name: 'console, settings refused', open: renamed('Acme', 'No Slug') },
  { name: 'console, settings changed', open: renamed('Acme', slug) },
  { name: 'console, settings changed meanwhile', open: renamedMeanwhile },
];
