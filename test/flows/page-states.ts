/** Every page in every state that a person can see it in, and how to get there. */

import type { Page } from 'playwright-core';
import { allScopes, formatScope } from '../../src/catalogue/scope-set.ts';
import { memberRole } from '../../src/members/roles.ts';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findAccountWithPassword } from '../../src/storage/people/accounts.ts';
import { insertIdentity } from '../../src/storage/people/external-identities.ts';
import { listProviders } from '../../src/storage/people/identity-providers.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { emailOf, inSession, makeAccount, makeWorld } from '../organizations/world.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { authorizationRequest, consentTo, demoApp, signInFor } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { texts } from '../support/texts.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { addProvider } from '../upstream/providers.ts';
import { appAccessStates } from './app-access-states.ts';
import { consentAnewStates } from './consent-anew-states.ts';
import { consentPlaceStates } from './consent-place-states.ts';
import { linkTo } from './mailed-links.ts';
import { portalPageStates } from './portal-page-states.ts';
import { stage } from './stage.ts';

export type Open = (page: Page, server: TestServer) => Promise<unknown>;

/** A page in one state, by name. */
export interface PageState {
  readonly name: string;
  readonly open: Open;
}

export const at =
  (path: string): Open =>
  (page, { issuer }) =>
    page.goto(issuer + path);

/** The demo's accounts, places and scopes. */
const { member, administrator, place, reading, scopes } = stage;

async function enter(page: Page, email = member, password = 'usher-demo'): Promise<void> {
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(password);
  await page.locator('button[value="sign-in"]').click();
  await page.waitForLoadState();
}

export const signedIn =
  (path: string, email = member): Open =>
  async (page, { issuer }) => {
    await signInBeside(page, issuer, email);
    await page.goto(issuer + path);
  };

/** As if in that browser, without drawing the pages on the way. */
async function signInBeside(page: Page, issuer: string, email: string): Promise<void> {
  const [userAgent, languages] = await page.evaluate<[string, string[]]>(
    '[navigator.userAgent, navigator.languages]',
  );
  const agent = createUserAgent(issuer, {
    'user-agent': userAgent,
    'accept-language': languages.join(','),
  });
  await signInFor(agent, `${issuer}/sign-in`, email);
  const cookies = [...agent.cookies].map(([name, value]) => ({ name, value, url: issuer }));
  await page.context().addCookies(cookies);
}

export async function submit(
  page: Page,
  form: string,
  fields: Record<string, string>,
): Promise<void> {
  const found = page.locator(`form[action$="${form}"]`);
  for (const [name, value] of Object.entries(fields)) {
    await found.locator(`[name="${name}"]`).fill(value);
  }
  await found.locator('button').first().click();
  await page.waitForLoadState();
}

async function wrongPassword(page: Page, server: TestServer): Promise<void> {
  await signedIn('/account')(page, server);
  const passwords = { new_password: 'one of them 1', repeated_password: 'another one 2' };
  await submit(page, '/account/password', { current_password: 'x', ...passwords });
}

/** Shows what a script shows in a browser that knows passkeys. */
export const withScript =
  (open: Open): Open =>
  async (page, server) => {
    await open(page, server);
    await page.evaluate(`for (const form of document.querySelectorAll('form[data-passkey]')) {
      form.hidden = false;
    }`);
  };

/** Signed in an hour ago. */
async function longAgo(page: Page, server: TestServer): Promise<void> {
  await signedIn('/account')(page, server);
  await server.database.db.query(
    statement(`update sessions set payload = payload || '{"loginTs": 1}'`),
  );
  await at('/account/security')(page, server);
}

async function refusedPasskey(page: Page, server: TestServer): Promise<void> {
  await withScript(at('/sign-in'))(page, server);
  await page.evaluate(`(() => {
    const form = document.querySelector('form[data-passkey]');
    form.append(document.querySelector('input[name="token"]').cloneNode());
    form.elements.credential.value = '{}';
    form.submit();
  })()`);
  await page.locator('#notice').waitFor();
}

const own = '/account/applications/own';
const ownRedirect = 'https://lookout.example/callback';

/** Presses the button that saves the form of an own application. */
async function saveOwn(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await page.locator(`form.own-app [name="${name}"]`).fill(value);
  }
  await page.locator('form.own-app .actions button').click();
  await page.waitForLoadState();
}

/** The secret of a new application. */
async function ownSecret(page: Page, server: TestServer): Promise<void> {
  await signedIn(`${own}/new`)(page, server);
  const description = 'Shows what changed since yesterday, and tells who asks.';
  await saveOwn(page, { name: 'Lookout', description, redirect_uris: ownRedirect });
}

/** A new application. */
async function ownApplication(page: Page, server: TestServer): Promise<void> {
  await ownSecret(page, server);
  await page.locator('main .actions a').click();
  await page.waitForLoadState();
}

async function ownForm(page: Page, server: TestServer): Promise<void> {
  await signedIn(`${own}/new`)(page, server);
  await page.locator('#search').fill('e');
  await page.locator('button[value="search"].button').click();
  await page.waitForLoadState();
}

async function ownRefused(page: Page, server: TestServer): Promise<void> {
  await signedIn(`${own}/new`)(page, server);
  const uris = `http://lookout.example/callback\nhttps://*.lookout.example/${'long/'.repeat(30)}`;
  await saveOwn(page, { name: 'www.evil.test', redirect_uris: uris });
}

async function ownOutdated(page: Page, server: TestServer): Promise<void> {
  await ownApplication(page, server);
  await page.goto(`${page.url().split('?')[0]}/edit`);
  await server.database.db.query(
    statement('update clients set version = version + 1 where owner_account_id is not null'),
  );
  await saveOwn(page, {});
}

const noOwn =
  (open: Open): Open =>
  async (page, server) => {
    await server.database.db.query(
      statement('delete from clients where owner_account_id is not null'),
    );
    await open(page, server);
  };

/** The pages of a developer's own applications. */
const ownStates: readonly PageState[] = [
  { name: 'own applications, none', open: noOwn(signedIn(own)) },
  {
    name: 'own applications',
    open: noOwn(async (page, server) => {
      await ownApplication(page, server);
      await at(own)(page, server);
    }),
  },
  { name: 'own application, new', open: signedIn(`${own}/new`) },
  { name: 'own application, scopes found', open: ownForm },
  { name: 'own application, refused', open: ownRefused },
  { name: 'own application, its secret', open: noOwn(ownSecret) },
  {
    name: 'own application',
    open: noOwn(async (page, server) => {
      await ownApplication(page, server);
      await page.evaluate(
        `for (const one of document.querySelectorAll('details')) one.open = true`,
      );
    }),
  },
  { name: 'own application, changed meanwhile', open: noOwn(ownOutdated) },
  { name: 'own application, not there', open: signedIn(`${own}/app_1`) },
];

/** With an application that may do something. */
async function withApplication(page: Page, server: TestServer): Promise<void> {
  await consentTo(server, demoApp, administrator, reading.join(' '), [place]);
  await signedIn('/account/applications', administrator)(page, server);
}

async function setUp(page: Page, server: TestServer): Promise<void> {
  const run = commandsOn(server.database.db, server.issuer);
  const { link } = await run('operator', 'add', freshEmail());
  await page.goto(String(link));
}

async function setUpRefused(page: Page, server: TestServer): Promise<void> {
  await setUp(page, server);
  await page.locator('#password').fill('password');
  await page.locator('form:has(#password) button').first().click();
  await page.getByRole('alert').or(page.locator('[aria-invalid]')).first().waitFor();
}

async function invited(server: TestServer, email: (accountId: string) => string) {
  const { db } = server.database;
  const world = await makeWorld(db);
  const accountId = await makeAccount(db);
  const admin = inSession(world.accounts.admin);
  const wish = { email: email(accountId), role: memberRole };
  const { id } = await invite(db, admin, world.ids.organizationId, wish);
  const parts = { issuer: server.issuer, messages: texts };
  const mail = await composeInvitation(db, id, parts);
  const [link = '', token = ''] = /http\S+\/invitations\/(\S+)/.exec(mail?.text ?? '') ?? [];
  recordSecret('invitation', token);
  return link;
}

async function signUp(page: Page, server: TestServer): Promise<void> {
  await page.goto(await invited(server, emailOf));
}

async function signUpRefused(page: Page, server: TestServer): Promise<void> {
  await signUp(page, server);
  await submit(page, '/sign-up', { name: 'a\u202eb', password: 'long enough 1' });
}

async function invitationOfOther(page: Page, server: TestServer): Promise<void> {
  await signedIn('/account')(page, server);
  await signUp(page, server);
}

/** The demo's accounts have passwords. */
async function invitationOfKnown(page: Page, server: TestServer): Promise<void> {
  await page.goto(await invited(server, () => member));
}

async function invitationToAnswer(page: Page, server: TestServer): Promise<void> {
  await invitationOfKnown(page, server);
  await page.locator('main a.button').click();
  await enter(page);
}

const asked =
  (client = demoApp): Open =>
  (page, server) =>
    page.goto(authorizationRequest(server, client, `openid ${reading[0]}`).url);

/** Signed in, and asked to do it once more. */
const askedAgain =
  (scope: string, change: Record<string, string>): Open =>
  async (page, server) => {
    await longAgo(page, server);
    await page.goto(authorizationRequest(server, demoApp, scope, change).url);
  };

/** Asked by an application that registered itself. */
async function askedByStranger(page: Page, server: TestServer): Promise<void> {
  const redirectUri = 'https://reports.test/callback';
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Reports', redirect_uris: [redirectUri] }),
  });
  const client = (await response.json()) as Record<string, string>;
  recordSecret('client', client['client_secret'] ?? '');
  recordSecret('registration', client['registration_access_token'] ?? '');
  await asked({ ...demoApp, id: client['client_id'] ?? '', redirectUri })(page, server);
}

/** The demo application asks for some scopes, which were allowed before: it comes straight back. */
const demoToken =
  (scope = `${scopes.sight} ${scopes.branches}`, paths = [place]): Open =>
  async (page, server) => {
    await consentTo(server, demoApp, member, scope, paths);
    await signedIn('/demo')(page, server);
    await page.locator('#scope').fill(scope);
    await page.locator('#again').uncheck();
    await page.locator('form[action="/demo/ask"] button:not([name])').click();
    await page.waitForLoadState();
  };

const onPlayground =
  (...presses: string[]): Open =>
  async (page, server) => {
    await demoToken()(page, server);
    await page.goto(`${server.issuer}/demo/playground`);
    for (const press of presses) await page.locator(press).first().click();
    await page.waitForLoadState();
  };

/** A development branch of the demo. */
const branch = `[id$="branches/${stage.branch}"]`;

/** Asked to choose, by an application that wants to be sure. */
async function selectAccount(page: Page, server: TestServer): Promise<void> {
  await signedIn('/account')(page, server);
  const { url } = authorizationRequest(server, demoApp, `openid ${scopes.sight}`, {
    prompt: 'select_account',
  });
  await page.goto(url);
}

/** Asked by Demo App for these scopes. */
const consentPage =
  (scope: string, email = member, change: Record<string, string> = {}): Open =>
  async (page, server) => {
    await page.goto(authorizationRequest(server, demoApp, scope, change).url);
    await enter(page, email);
  };

async function pressAction(page: Page, action: string): Promise<void> {
  await page.locator(`[data-consent] button[value="${action}"]:not([hidden])`).first().click();
  await page.waitForLoadState();
}

/** Two databases, one with permissions of its own. */
async function consentChosen(page: Page, server: TestServer): Promise<void> {
  const scope = `${scopes.sight} ${scopes.branches} ${scopes.people}`;
  await consentPage(scope, stage.ofTwoPlaces)(page, server);
  await page.locator(`[data-path="${place}"]`).check();
  await page.locator(`[data-path="${stage.secondPlace}"]`).check();
  await pressAction(page, 'all');
  await page.locator('button[value^="own "]').first().click();
  await page.waitForLoadState();
}

/** The branches of a database, one of which the role cannot give. */
async function consentBranches(page: Page, server: TestServer): Promise<void> {
  await consentPage(`${scopes.sight} ${scopes.branch}`)(page, server);
  await page.locator(`button[value="${place}"]`).click();
  await page.waitForLoadState();
}

/** In an organization that approves applications first, after the button without a reason. */
async function consentUnapproved(page: Page, server: TestServer): Promise<void> {
  const [slug] = place.split('/');
  const set = statement('update organizations set application_policy = $1 where slug = $2');
  await server.database.db.query(set, ['approval_required', slug]);
  try {
    await askedByStranger(page, server);
    await enter(page);
    await page.locator('button[value^="ask "]').first().click();
    await page.waitForLoadState();
  } finally {
    await server.database.db.query(set, ['open', slug]);
  }
}

/** By an account of the demo that no other state consents with. */
const consentAgain =
  (isReview: boolean): Open =>
  async (page, server) => {
    const email = isReview ? stage.reviewer : stage.askedForMore;
    const scope = scopes.sight;
    await consentTo(server, demoApp, email, scope, [place]);
    const more = `${scope} ${scopes.backups}`;
    await consentPage(
      isReview ? scope : more,
      email,
      isReview ? { prompt: 'consent' } : {},
    )(page, server);
  };

/** What was allowed is older than the organization accepts, as long as the page is drawn. */
const tooOld =
  (email: string, open: Open, shown = 'main .notice-warning'): Open =>
  async (page, server) => {
    const { db } = server.database;
    await consentTo(server, demoApp, email, scopes.sight, [place]);
    await db.query(
      statement("update consent_entries set consented_at = now() - interval '40 days'"),
    );
    const set = statement('update organizations set max_entry_days = $1 where slug = $2');
    const [slug] = place.split('/');
    await db.query(set, [30, slug]);
    try {
      await open(page, server);
      await page.locator(shown).first().waitFor();
    } finally {
      await db.query(set, [null, slug]);
    }
  };

/** With a provider that is down, and an account that is connected to it. */
async function withProvider(server: TestServer): Promise<void> {
  const { db } = server.database;
  const issuer = 'http://127.0.0.1:9';
  if ((await listProviders(db)).length > 0) return;
  await addProvider(server, { issuer, clientId: 'usher', secret: 'secret of a provider' });
  const found = await findAccountWithPassword(db, { email: administrator });
  await insertIdentity(db, { issuer, subject: 'administrator' }, found?.account.id ?? '');
}

const providerThen =
  (open: Open): Open =>
  async (page, server) => {
    await withProvider(server);
    await open(page, server);
  };
/** Asks for a link at a page, and opens what comes by mail. */
const linked =
  (path: string, email: () => string, isSignedIn = false): Open =>
  async (page, server) => {
    await (isSignedIn ? signedIn(path) : at(path))(page, server);
    const to = email();
    await submit(page, path, { email: to });
    await page.goto(server.issuer + (await linkTo(server, to)));
  };

const asking =
  (path: string, email: string, isSignedIn = false): Open =>
  async (page, server) => {
    await (isSignedIn ? signedIn(path) : at(path))(page, server);
    await submit(page, path, { email });
  };

const resetOfMember = linked('/reset', () => member);

async function resetWithApplication(page: Page, server: TestServer): Promise<void> {
  await consentTo(server, demoApp, administrator, scopes.sight, [place]);
  await linked('/reset', () => administrator)(page, server);
}

async function resetRefused(page: Page, server: TestServer): Promise<void> {
  await resetOfMember(page, server);
  await submit(page, page.url().replace(server.issuer, ''), { password: 'password1' });
}

async function resetUnproven(page: Page, server: TestServer): Promise<void> {
  const email = freshEmail();
  await commandsOn(server.database.db, server.issuer)('operator', 'add', email);
  await linked('/reset', () => email)(page, server);
}

async function signUpLinkRefused(page: Page, server: TestServer): Promise<void> {
  await linked('/sign-up', freshEmail)(page, server);
  const form = page.url().replace(server.issuer, '');
  await submit(page, form, { name: 'a\u202eb', password: 'long enough 1' });
}

async function addressLinkSignedOut(page: Page, server: TestServer): Promise<void> {
  await linked('/account/email', freshEmail, true)(page, server);
  const path = page.url();
  await page.context().clearCookies();
  await page.goto(path);
}

async function addressLinkOfOther(page: Page, server: TestServer): Promise<void> {
  await addressLinkSignedOut(page, server);
  const path = page.url();
  await signedIn('/account', stage.reviewer)(page, server);
  await page.goto(path);
}

async function throttled(page: Page, server: TestServer): Promise<void> {
  const email = freshEmail();
  const agent = createUserAgent(server.issuer);
  for (let n = 0; n < 10; n++) await signInFor(agent, `${server.issuer}/sign-in`, email);
  await at('/sign-in')(page, server);
  await enter(page, email, 'wrong');
}

/** The pages whose texts are all in message files. */
export const pageStates: readonly PageState[] = [
  ...ownStates,
  ...portalPageStates,
  { name: 'home', open: at('/') },
  { name: 'home, signed in', open: signedIn('/') },
  { name: 'not found', open: at('/nothing') },
  { name: 'OAuth error', open: at('/oauth/authorize?client_id=nobody') },
  { name: 'sign-in', open: at('/sign-in') },
  {
    name: 'sign-in, wrong password',
    open: async (page, server) => {
      await at('/sign-in')(page, server);
      await enter(page, member, 'wrong');
    },
  },
  { name: 'sign-in, passkeys', open: withScript(at('/sign-in')) },
  { name: 'sign-in, passkey refused', open: refusedPasskey },
  {
    name: 'sign-in again',
    open: withScript(signedIn('/sign-in?again=yes&next=/account/security')),
  },
  { name: 'sign-in, throttled', open: throttled },
  { name: 'reset', open: at('/reset') },
  { name: 'reset, no address', open: asking('/reset', 'nobody@localhost') },
  { name: 'reset, sent', open: asking('/reset', 'nobody@x.test') },
  { name: 'reset, link', open: resetOfMember },
  { name: 'reset, link with an app', open: resetWithApplication },
  { name: 'reset, link to an unproven address', open: resetUnproven },
  { name: 'reset, password refused', open: resetRefused },
  { name: 'reset, unknown link', open: at('/reset/unknown') },
  { name: 'sign-up', open: at('/sign-up') },
  { name: 'sign-up, no address', open: asking('/sign-up', 'nobody@localhost') },
  { name: 'sign-up, sent', open: asking('/sign-up', 'nobody@x.test') },
  { name: 'sign-up, link', open: linked('/sign-up', freshEmail) },
  { name: 'sign-up, refused', open: signUpLinkRefused },
  { name: 'sign-up, unknown link', open: at('/sign-up/unknown') },
  { name: 'name', open: signedIn('/account/name') },
  {
    name: 'name, refused',
    open: async (page, server) => {
      await signedIn('/account/name')(page, server);
      await submit(page, '/account/name', { name: 'a\u202eb' });
    },
  },
  { name: 'email', open: signedIn('/account/email') },
  { name: 'email, the same', open: asking('/account/email', member, true) },
  { name: 'email, sent', open: asking('/account/email', 'another@x.test', true) },
  { name: 'email, link', open: linked('/account/email', freshEmail, true) },
  { name: 'email, link, signed out', open: addressLinkSignedOut },
  { name: 'email, link of another account', open: addressLinkOfOther },
  { name: 'email, unknown link', open: at('/account/email/unknown') },
  { name: 'deletion', open: signedIn('/account/delete') },
  { name: 'deletion, of the only administrator', open: signedIn('/account/delete', administrator) },
  { name: 'deletion, done', open: at('/account/deleted') },
  { name: 'sign-in for an app', open: asked() },
  {
    name: 'sign-in for an app, with a passkey',
    open: askedAgain('openid', { acr_values: 'phr' }),
  },
  {
    name: 'sign-in for an app, with two factors',
    open: askedAgain('openid', { acr_values: 'urn:usher:acr:mfa' }),
  },
  {
    name: 'sign-in for an app, once more',
    open: askedAgain(scopes.deletion, {}),
  },
  { name: 'sign-in for an app that registered itself', open: askedByStranger },
  { name: 'sign-in is over', open: at('/interaction/gone/sign-in') },
  { name: 'sign-out', open: signedIn('/sign-out') },
  { name: 'sign-out for an app', open: signedIn('/oauth/end-session?client_id=demo-app') },
  { name: 'signed out for an app', open: at('/oauth/end-session?client_id=demo-app') },
  { name: 'select account', open: selectAccount },
  { name: 'account', open: signedIn('/account?done=password') },
  { name: 'account, refused', open: wrongPassword },
  { name: 'passkey offer', open: withScript(signedIn('/account/passkey?next=/account')) },
  { name: 'security, no passkeys', open: withScript(signedIn('/account/security', administrator)) },
  { name: 'security, signed in long ago', open: longAgo },
  { name: 'sessions', open: signedIn('/account/sessions?done=ended') },
  { name: 'no apps', open: signedIn('/account/applications?done=withdrawn') },
  { name: 'apps', open: withApplication },
  {
    name: 'apps, before removing one',
    open: async (page, server) => {
      await withApplication(page, server);
      await page.locator('main summary').click();
    },
  },
  {
    name: 'apps, one of them',
    open: async (page, server) => {
      await withApplication(page, server);
      await page.locator('main a[href$="/demo-app"]').click();
      await page.locator('[data-consent]').waitFor();
    },
  },
  { name: 'set-up', open: setUp },
  { name: 'set-up, refused', open: setUpRefused },
  { name: 'set-up, unknown link', open: at('/set-up/unknown') },
  { name: 'invitation, sign up', open: signUp },
  { name: 'invitation, refused', open: signUpRefused },
  { name: 'invitation, of another account', open: invitationOfOther },
  { name: 'invitation, sign in', open: invitationOfKnown },
  { name: 'invitation, answer', open: invitationToAnswer },
  { name: 'invitation, unknown link', open: at('/invitations/unknown') },
  { name: 'connections, none', open: signedIn('/account/connections') },
  { name: 'sign-in, with a provider', open: providerThen(at('/sign-in')) },
  { name: 'sign-in for an app, with a provider', open: providerThen(asked()) },
  { name: 'sign-in elsewhere, down', open: providerThen(at('/sign-in/provider/acme')) },
  { name: 'sign-in elsewhere, over', open: providerThen(at('/sign-in/provider/acme/callback')) },
  { name: 'sign-in elsewhere, unknown', open: at('/sign-in/provider/unknown') },
  { name: 'connections', open: providerThen(signedIn('/account/connections')) },
  {
    name: 'connections, connected',
    open: providerThen(signedIn('/account/connections?done=connected', administrator)),
  },
  { name: 'consent', open: consentPage(`openid ${scopes.sight}`) },
  {
    name: 'consent, everything asked',
    open: consentPage(`openid profile ${formatScope(allScopes)}`),
  },
  { name: 'consent, chosen', open: consentChosen },
  { name: 'consent, branches found', open: consentBranches },
  {
    name: 'consent, nothing found',
    open: async (page, server) => {
      await consentPage(scopes.sight)(page, server);
      await page.locator('#search').fill('0000');
      await pressAction(page, 'search');
    },
  },
  {
    name: 'consent, refused',
    open: async (page, server) => {
      await consentPage(scopes.sight)(page, server);
      await pressAction(page, 'allow');
    },
  },
  { name: 'consent, nothing that the role gives', open: consentPage(scopes.deletion) },
  { name: 'consent, approval needed', open: consentUnapproved },
  { name: 'consent, present choice', open: consentAgain(true) },
  {
    name: 'apps, too old',
    open: tooOld(administrator, signedIn('/account/applications', administrator)),
  },
  { name: 'consent, asked for more', open: consentAgain(false) },
  {
    name: 'consent, too old',
    open: tooOld(administrator, consentPage(scopes.sight, administrator), '.resting'),
  },
  {
    name: 'consent, asked by an app that registered itself',
    open: async (page, server) => {
      await askedByStranger(page, server);
      await enter(page);
    },
  },
  ...consentPlaceStates,
  ...consentAnewStates,
  ...appAccessStates,
  { name: 'parts of pages', open: at('/demo/parts') },
  { name: 'demo', open: at('/demo') },
  {
    name: 'demo, with a token',
    open: async (page, server) => {
      await demoToken()(page, server);
      await at('/demo')(page, server);
    },
  },
  { name: 'demo, nothing to come back to', open: at('/demo/callback') },
  { name: 'demo, a token', open: demoToken() },
  { name: 'playground', open: at('/demo/playground') },
  { name: 'playground, with a token', open: onPlayground() },
  { name: 'playground, revoked', open: onPlayground('[formaction="/demo/revoke"]') },
  {
    name: 'playground, allowed',
    open: onPlayground(`${branch} [value="${scopes.branches.replace('database:', '')}"]`),
  },
  {
    name: 'playground, refused',
    open: onPlayground(`${branch} .more summary`, `${branch} .more button`),
  },
  { name: 'scopes', open: at('/scopes') },
  {
    name: 'playground, role changed',
    open: onPlayground('button[value="promote"], button[value="demote"]'),
  },
];

/** Of an installation without anything, and with this code. */
export const firstSetUpCode = '2345-6789-ABCD';

const unnamed =
  (open: Open): Open =>
  async (page, server) => {
    for (const sql of [
      'delete from attempt_counters',
      'delete from organizations',
      'delete from operators',
      'update first_operator set named_at = null',
    ])
      await server.database.db.query(statement(sql));
    await open(page, server);
  };

const firstStep =
  (code: string, email = freshEmail()): Open =>
  async (page, server) => {
    await at('/set-up')(page, server);
    await submit(page, '/set-up', { code, email, name: 'Ada' });
  };

const organizationStep: Open = async (page, server) => {
  await firstStep(firstSetUpCode, freshEmail())(page, server);
  recordSecret('link', new URL(page.url()).pathname.split('/').at(-1) ?? '');
  await page.locator('#password').fill('velvet turbine at dawn');
  await page.locator('form:has(#password) button').first().click();
  await page.waitForLoadState();
};

/** The states of a new installation, each from the beginning. */
export const firstPageStates: readonly PageState[] = [
  { name: 'home, nothing set up', open: unnamed(at('/')) },
  { name: 'first steps', open: unnamed(at('/set-up')) },
  { name: 'first steps, wrong code', open: unnamed(firstStep('AAAA')) },
  {
    name: 'first steps, over',
    open: unnamed(async (page, server) => {
      await commandsOn(server.database.db, server.issuer)('operator', 'add', freshEmail());
      await at('/set-up')(page, server);
    }),
  },
  { name: 'first organization', open: unnamed((page, server) => organizationStep(page, server)) },
  {
    name: 'first organization, refused',
    open: unnamed(async (page, server) => {
      await organizationStep(page, server);
      await submit(page, '/set-up/organization', { name: 'Acme', slug: 'Not one' });
    }),
  },
];

/** The other pages. */
export const otherPageStates: readonly PageState[] = [
  { name: 'sent mail, none', open: at('/dev/mail') },
  {
    name: 'sent mail',
    open: async (page, server) => {
      await invited(server, emailOf);
      await server.sendMail();
      await at('/dev/mail')(page, server);
    },
  },
  {
    name: 'sent mail, as HTML',
    open: async (page, server) => {
      await invited(server, emailOf);
      const [mail] = await server.sendMail();
      await at(`/dev/mail/${mail?.number}`)(page, server);
    },
  },
];
