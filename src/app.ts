/**
 * Puts the rooms together: the one file that knows all of them.
 *
 *   request -> one meaning? -> introspection's fast path
 *                           -> pinned host -> log -> headers -> exactly a path of the library: it
 *                                          -> log -> headers -> errors -> pages and APIs
 *
 * @module
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import { createChallenges } from './accounts/passkeys/challenges.ts';
import { hashingLoad } from './accounts/password-hashing.ts';
import { clientRegistrationRoutes } from './api/client-registration.ts';
import { docsRoutes } from './api/management/docs-routes.ts';
import { managementRoutes } from './api/management/management-routes.ts';
import { managementMetadata } from './api/management/metadata.ts';
import { platformWords } from './catalogue/words.ts';
import { accessRoutes } from './check/access-routes.ts';
import type { Config } from './config.ts';
import { demoRoutes } from './demo/demo-routes.ts';
import { readQueriesOnce } from './http/query.ts';
import { createFastPath } from './introspection/fast-path.ts';
import { plainAnswers, probe } from './introspection/plain-answers.ts';
import { loadMessages, messagesDirectory } from './lib/messages.ts';
import { faultOf, pathOf, refuseFault } from './lib/request-target.ts';
import { allowedMethods } from './lib/strict-router.ts';
import type { SentMails } from './mail/sent-mail.ts';
import { createDenials } from './ops/denials.ts';
import { createFailureLog, type LogFailure } from './ops/failures.ts';

import { healthRoutes, type Readiness } from './ops/health.ts';
import { requestLog } from './ops/logging.ts';
import type { Metrics } from './ops/metrics.ts';
import { requestCount } from './ops/request-count.ts';
import { createBrowserSessions } from './provider/browser-sessions.ts';
import { createInteractions } from './provider/interactions.ts';
import { type Keyring, loadKeyring } from './provider/keyring.ts';
import { isLibraryPath } from './provider/library-paths.ts';
import { createLogoutRequests, type LogoutRequests } from './provider/logout-requests.ts';
import { acceptJson, oneSpaceAfterScheme } from './provider/machine-endpoints.ts';
import { pinnedHost } from './provider/pinned-host.ts';
import { createProvider } from './provider/provider.ts';
import { saveRegistrationCeiling } from './storage/clients/registrations.ts';
import type { Database } from './storage/engine/database.ts';
import { countMail } from './storage/people/mail-outbox.ts';
import { accountRoutes } from './web/account/account-page.ts';
import { applicationsRoutes } from './web/account/applications-page.ts';
import { securityRoutes } from './web/account/security-page.ts';
import { consentRoutes } from './web/consent/consent-page.ts';
import { interactionRoutes } from './web/consent/interaction-page.ts';
import { sentMailRoutes } from './web/development/sent-mail-page.ts';
import { invitationRoutes } from './web/organizations/invitation-page.ts';
import { assetRoutes } from './web/page/assets.ts';
import { brandRoutes, brandStyles } from './web/page/brand-routes.ts';
import { clientAddress, originReader } from './web/page/client-address.ts';
import { errorPages, renderOAuthError } from './web/page/error-pages.ts';
import { createFormTokens, refuseCrossSite } from './web/page/form-token.ts';
import type { PageParts } from './web/page/page-parts.ts';
import { createRenderer, messagesByLanguage } from './web/page/render-page.ts';
import { dataHeadersOf, securityHeaders } from './web/page/security-headers.ts';
import { catalogueRoutes } from './web/public/catalogue-page.ts';
import { homeRoutes } from './web/public/home-page.ts';
import { endSessionRoutes } from './web/sign-in/end-session-page.ts';
import { createKnownDevices } from './web/sign-in/known-devices.ts';
import { renderReturn } from './web/sign-in/return-page.ts';
import { selectAccountRoutes } from './web/sign-in/select-account-page.ts';
import { setUpRoutes } from './web/sign-in/set-up-page.ts';
import { signInRoutes } from './web/sign-in/sign-in-page.ts';

/** What a process has when it makes its app. */
export interface AppParts {
  readonly config: Config;
  readonly database: Database;
  /** Unwraps the stored keys. */
  readonly usherKey: string;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Undefined: nothing is counted. */
  readonly metrics?: Metrics | undefined;
  /** For tests alone: adds the language of lib/pseudo-locale.ts. Refused in production. */
  readonly hasPseudoLocale?: boolean | undefined;
  /** What the process has sent, shown at /dev/mail. Refused in production. */
  readonly sentMails?: SentMails | undefined;
}

/**
 * Makes the handler of all requests.
 *
 * @throws {WrongKeyError} the stored keys were wrapped with another USHER_KEY.
 * @throws {RangeError} the pseudo-locale or sent mail in production.
 */
export async function createApp(parts: AppParts): Promise<RequestListener> {
  const { config, database, logger, usherKey, metrics, hasPseudoLocale = false } = parts;
  if (hasPseudoLocale && config.isProduction)
    throw new RangeError('no pseudo-locale in production');
  if (parts.sentMails !== undefined && config.isProduction)
    throw new RangeError('no sent mail is shown in production');
  await saveRegistrationCeiling(database, config.registrationCeiling);
  const keyring = await loadKeyring(database, usherKey);
  const messagesOf = messagesByLanguage(
    loadMessages(messagesDirectory, { pseudo: hasPseudoLocale, words: platformWords }),
  );
  const renderPage = createRenderer({ issuer: config.issuer, messagesOf });
  const counting = metrics === undefined ? [] : [requestCount(metrics)];
  const addressOf = (req: IncomingMessage) => clientAddress(req, config.trustedHops);
  const sampleDenial = createDenials(addressOf);
  const logFailure = createFailureLog(logger);
  const report = reporter(logFailure);
  const first = [requestLog(logger, sampleDenial), ...counting, securityHeaders(config)];
  const failures = errorPages({ renderPage, messagesOf }, report);
  const provider = createProvider(
    {
      first: [...first, failures],
      addressOf: (ctx) => originReader(config.trustedHops)(ctx).address ?? '',
      database,
      issuer: config.issuer,
      profileInIdToken: config.profileInIdToken,
      registrationEndpoint: config.dynamicRegistration
        ? `${config.issuer}/oauth/register`
        : undefined,
      renderError: (ctx, out) => renderOAuthError({ renderPage, messagesOf }, ctx, out),
      renderReturn: (ctx, address) => renderReturn({ renderPage, messagesOf }, ctx, address),
    },
    keyring,
  );
  provider.on('server_error', report);

  const page: PageParts = {
    issuer: config.issuer,
    db: database,
    renderPage,
    messagesOf,
    formTokens: createFormTokens({ key: keyring.form, issuer: config.issuer }),
    sessions: createBrowserSessions(provider, database),
    originOf: originReader(config.trustedHops),
  };

  const ask = plainAnswers(database, config.issuer);
  metrics?.watch({
    pools: database.load,
    lanes: ask.load,
    hashing: hashingLoad,
    outbox: () => countMail(database),
  });
  const koa = new Koa();
  // An answer that was under way ended; mostly whoever asked is gone.
  for (const app of [koa, provider]) {
    app.on('error', (error: unknown, ctx?: Koa.Context) => report(ctx ?? { state: {} }, error));
    readQueriesOnce(app);
  }
  for (const middleware of first) koa.use(middleware);
  koa.use(failures);
  koa.use(managementMetadata(config.issuer));
  koa.use(exceptFor(programs, refuseCrossSite(config)));
  const routers = [
    ...operations(parts, () => ask(probe)),
    ...apis(parts, page, keyring, report),
    ...pages(parts, page, keyring, createLogoutRequests(provider, database)),
  ];
  koa.use(allowedMethods);
  for (const router of routers) {
    koa.use(router.routes());
  }

  const pin = pinnedHost(config.issuer);
  const [handle, handleOAuth] = [koa.callback(), provider.callback()];
  const library: RequestListener = (req, res) => {
    pin(req);
    acceptJson(req);
    oneSpaceAfterScheme(req);
    void (isLibraryPath(pathOf(req)) ? handleOAuth : handle)(req, res);
  };
  const headers = dataHeadersOf(config.issuer);
  const introspection = createFastPath({
    issuer: config.issuer,
    headers,
    ask,
    library,
    onAnswered: answered(logger, metrics),
    onRefused: ({ clientId: client }, req) => {
      const sampled = sampleDenial({ client, reason: 'invalid_client' }, req);
      const line = { method: 'POST', route: '/oauth/introspect', status: 401, ...sampled };
      if (sampled !== undefined) logger.info(line, 'request');
    },
    onFailure: (error) => logFailure(undefined, error),
  });
  return (req, res) => {
    const fault = faultOf(req);
    if (fault !== undefined) return refuseFault(res, fault, headers);
    const isIntrospection = req.method === 'POST' && req.url === '/oauth/introspect';
    return isIntrospection ? introspection(req, res) : library(req, res);
  };
}

/** Called for each answer of the fast path, so what is not wanted is not even asked about. */
function answered(logger: Logger, metrics: Metrics | undefined) {
  const log = ({ statusCode: status }: ServerResponse) => logger.debug({ status }, 'introspection');
  if (metrics === undefined) return (_req: IncomingMessage, res: ServerResponse) => log(res);
  return (_req: IncomingMessage, res: ServerResponse) => {
    metrics.countRequest('POST /oauth/introspect', res.statusCode);
    log(res);
  };
}

function operations(parts: AppParts, askThroughLanes: () => Promise<unknown>): Router[] {
  return [healthRoutes({ ...parts, askThroughLanes }), assetRoutes(brandStyles()), brandRoutes()];
}

function apis(
  { config, database }: AppParts,
  { originOf, renderPage, sessions }: PageParts,
  { form: key }: Keyring,
  report: Report,
): Router[] {
  const { issuer, isProduction: production } = config;
  const access = accessRoutes({ database, issuer, report });
  const management = { issuer, database, sessions, originOf, key, report };
  const docs = docsRoutes({ issuer, renderPage });
  const routers = [access, managementRoutes(management), docs];
  if (!config.dynamicRegistration) return routers;
  const addressOf = (ctx: Koa.Context) => originOf(ctx).address ?? '';
  const attemptsPerHour = config.registrationLimit;
  const registration = { database, issuer, production, addressOf, attemptsPerHour };
  return [...routers, clientRegistrationRoutes(registration)];
}

function pages(
  { config, sentMails }: AppParts,
  page: PageParts,
  keyring: Keyring,
  logoutRequests: LogoutRequests,
): Router[] {
  const { issuer, demo: isDemo } = config;
  const { relyingParty: party } = config;
  const challenges = createChallenges(keyring.form);
  const passkeys = party && { party, challenges };
  const knownDevices = createKnownDevices({ key: keyring.form, issuer });
  const signIn = { ...page, knownDevices, passkeys };
  const interactions = createInteractions(page.db, issuer);
  return [
    homeRoutes({ ...page, isDemo }),
    catalogueRoutes(page),
    signInRoutes(signIn),
    endSessionRoutes({ ...page, logoutRequests }),
    invitationRoutes(page),
    setUpRoutes(page),
    interactionRoutes({ ...signIn, interactions }),
    selectAccountRoutes({ ...page, interactions }),
    consentRoutes({ ...page, interactions }),
    accountRoutes(page),
    securityRoutes({ ...page, passkeys }),
    applicationsRoutes(page),
    ...(sentMails === undefined ? [] : [sentMailRoutes({ ...page, sentMails })]),
    ...(isDemo ? [demoRoutes({ ...page, key: keyring.form })] : []),
  ];
}

/** What programs call: their own credentials, or, at the management API, its own check of pages. */
const programs = /^\/(oauth|access|api)\//;

function exceptFor(paths: RegExp, middleware: Koa.Middleware): Koa.Middleware {
  return (ctx, next) => (paths.test(ctx.path) ? next() : middleware(ctx, next));
}

/** Logs a failure under the request's id. */
type Report = (ctx: Pick<Koa.Context, 'state'>, error: unknown) => string;

function reporter(logFailure: LogFailure): Report {
  return (ctx, error) => {
    const id = String(ctx.state['requestId'] ?? '');
    logFailure(id, error);
    return id;
  };
}
