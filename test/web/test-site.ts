/** Our own pages on a database of their own; the session is a row, and its cookie names it. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type Koa from 'koa';
import { createChallenges } from '../../src/accounts/passkeys/challenges.ts';
import { createCookie } from '../../src/lib/cookies.ts';
import type { BrowserSessions, CurrentSession } from '../../src/provider/browser-sessions.ts';
import type { Interactions } from '../../src/provider/interactions.ts';
import type { Database } from '../../src/storage/engine/database.ts';
import { findSignedInAccount } from '../../src/storage/people/accounts.ts';
import { deleteSession, findSession, insertSession } from '../../src/storage/people/sessions.ts';
import { createOpenidProviders } from '../../src/upstream/openid-provider.ts';
import { createProviderSecrets } from '../../src/upstream/provider-secrets.ts';
import { accountRoutes } from '../../src/web/account/account-page.ts';
import { interactionRoutes } from '../../src/web/consent/interaction-page.ts';
import { consoleAddresses } from '../../src/web/console/addresses.ts';
import { organizationsRoutes } from '../../src/web/console/home-page.ts';
import { assetRoutes } from '../../src/web/page/assets.ts';
import { originReader } from '../../src/web/page/client-address.ts';
import { createFormTokens, refuseCrossSite } from '../../src/web/page/form-token.ts';
import { catalogueRoutes } from '../../src/web/public/catalogue-page.ts';
import { homeRoutes } from '../../src/web/public/home-page.ts';
import { createKnownDevices } from '../../src/web/sign-in/known-devices.ts';
import { signInRoutes } from '../../src/web/sign-in/sign-in-page.ts';
import { createWaysIn } from '../../src/web/sign-in/ways-in.ts';
import { addAccount, password } from '../accounts/people.ts';
import { openTestDatabase } from '../support/database.ts';
import { testUsherKey } from '../support/server.ts';
import { startSmallServer } from './small-server.ts';
import { openTestBrowser } from './test-browser.ts';

/** Starts every page; requests of applications are answered by `interactions`. */
export async function startTestSite(interactions: Interactions = noInteractions) {
  const database = await openTestDatabase();
  const { db } = database;
  const server = await startSmallServer(({ app, issuer, renderPage, messagesOf }) => {
    const secrets = createProviderSecrets(testUsherKey);
    const parts = {
      issuer,
      db,
      renderPage,
      messagesOf,
      interactions,
      isDemo: false,
      addresses: consoleAddresses(db, undefined),
      signUp: 'invitation' as const,
      sessions: createSessions(db, issuer),
      formTokens: createFormTokens({ key: randomBytes(32), issuer }),
      passkeys: {
        party: { id: 'localhost', origin: issuer },
        challenges: createChallenges(randomBytes(32)),
      },
      knownDevices: createKnownDevices({ key: randomBytes(32), issuer }),
      originOf: originReader(0),
      hasPasswords: true,
      provingParty: undefined,
      stepOf: async () => undefined,
      waysIn: createWaysIn({ db, hasPasswords: true, signInUrl: undefined }),
      providers: createOpenidProviders({ issuer, isProduction: false, secrets }),
      secrets,
    };
    app.use(refuseCrossSite(parts));
    for (const routes of [
      homeRoutes,
      signInRoutes,
      interactionRoutes,
      accountRoutes,
      catalogueRoutes,
      organizationsRoutes,
    ]) {
      const router = routes(parts);
      app.use(router.routes()).use(router.allowedMethods());
    }
    app.use(assetRoutes().routes());
  });
  return {
    db,
    issuer: server.issuer,
    reported: server.reported,
    close: () => server.close().then(database.close),
  };
}

/** Somebody with a new account who has signed in, and their browser. */
export async function signedInAt({
  db,
  issuer,
}: {
  readonly db: Database;
  readonly issuer: string;
}) {
  const account = await addAccount(db);
  const browser = openTestBrowser(issuer);
  await browser.open('/sign-in');
  await browser.send('/sign-in', { email: account.email, password });
  return { account, browser };
}

const noInteractions = {
  read: async () => undefined,
  answered: async () => undefined,
} as unknown as Interactions;

function createSessions(db: Database, issuer: string): BrowserSessions {
  const cookie = createCookie('session', { issuer });
  const idOf = (value: string) => createHash('sha256').update(value).digest();
  const end = (ctx: Koa.Context) => deleteSession(db, idOf(cookie.read(ctx) ?? ''));
  return {
    async current(ctx) {
      const session = await findSession(db, idOf(cookie.read(ctx) ?? ''));
      if (session === undefined) return undefined;
      const payload = session.payload as Pick<CurrentSession, 'accountId' | 'uid' | 'acr'>;
      const found = await findSignedInAccount(db, payload.accountId);
      return found && { ...found, ...payload, amr: [], authenticatedAt: new Date() };
    },
    async signIn(ctx, { id: accountId }) {
      await end(ctx);
      const value = randomBytes(32).toString('base64url');
      const uid = randomUUID();
      const payload = { accountId, uid };
      await insertSession(db, { id: idOf(value), uid, accountId, payload, lifetimeSeconds: 3_600 });
      cookie.write(ctx, value);
      return true;
    },
    async signOut(ctx) {
      await end(ctx);
      cookie.write(ctx, '', 0);
    },
  };
}
