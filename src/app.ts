/**
 * Puts the rooms together; which of them mounts which routes is said in routers.ts.
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
import { authenticationClasses } from './accounts/authentication.ts';
import { hashingLoad } from './accounts/password-hashing.ts';
import { managementMetadata } from './api/management/metadata.ts';
import { openWellKnown } from './api/well-known.ts';
import { createClientDocuments } from './applications/documents/client-documents.ts';
import { createKeySets } from './applications/documents/key-sets.ts';
import { platformWords } from './catalogue/words.ts';
import type { Config } from './config.ts';
import { byPath, byTarget } from './entrance.ts';
import { readQueriesOnce } from './http/query.ts';
import { createFastPath } from './introspection/fast-path.ts';
import type { OnAnswered } from './introspection/introspect.ts';
import { plainAnswers, probe } from './introspection/plain-answers.ts';
import type { UseCounter } from './introspection/use-counter.ts';
import { loadMessages, type MessageBook, messagesDirectory, pseudoLocale } from './lib/messages.ts';
import { allowedMethods } from './lib/strict-router.ts';
import type { SentMails } from './mail/sent-mail.ts';
import { createDenials } from './ops/denials.ts';
import { createFailureLog, type LogFailure } from './ops/failures.ts';
import type { Readiness } from './ops/health.ts';
import { requestLog } from './ops/logging.ts';
import type { Metrics } from './ops/metrics.ts';
import { requestCount } from './ops/request-count.ts';
import { answerRecord } from './portal/answer-record.ts';
import { createFlowRecord, type FlowRecord } from './portal/flow-record.ts';
import { createBrowserSessions } from './provider/browser-sessions.ts';
import { type Keyring, loadKeyring } from './provider/keyring.ts';
import { createLogoutRequests } from './provider/logout-requests.ts';
import { createProvider } from './provider/provider.ts';
import { type Report, routersOf } from './routers.ts';
import { saveRegistrationCeiling } from './storage/clients/registrations.ts';
import type { Database } from './storage/engine/database.ts';
import { countMail } from './storage/people/mail-outbox.ts';
import { firstAnswers } from './web/page/answer-once.ts';
import { clientAddress, originReader } from './web/page/client-address.ts';
import { errorPages, renderOAuthError } from './web/page/error-pages.ts';
import { createFormTokens, refuseCrossSite } from './web/page/form-token.ts';
import type { PageParts } from './web/page/page-parts.ts';
import { createRenderer, messagesByLanguage } from './web/page/render-page.ts';
import { dataHeadersOf, securityHeaders } from './web/page/security-headers.ts';
import { renderReturn } from './web/sign-in/return-page.ts';

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
  /** The texts of pages; undefined: they are read here. */
  readonly messages?: MessageBook | undefined;
  /** For tests alone: adds the language of lib/pseudo-locale.ts. Refused in production. */
  readonly hasPseudoLocale?: boolean | undefined;
  /** What the terminal shows, see accounts/first-steps.ts. Refused in production. */
  readonly setUpCode?: string | undefined;
  /** Counts what applications use; undefined: nothing is counted. */
  readonly uses?: Pick<UseCounter, 'note' | 'count'> | undefined;
  /** What the process has sent, shown at /dev/mail. Refused in production. */
  readonly sentMails?: SentMails | undefined;
  /** Of what happens to applications; undefined: one of its own. */
  readonly record?: FlowRecord | undefined;
}

/**
 * Makes the handler of all requests.
 *
 * @throws {WrongKeyError} the stored keys were wrapped with another USHER_KEY.
 * @throws {RangeError} the pseudo-locale, sent mail or a set-up code in production.
 */
export async function createApp(parts: AppParts): Promise<RequestListener> {
  const { config, database, usherKey, metrics } = parts;
  const { issuer } = config;
  refuseInProduction(parts);
  const output = outputOf(parts);
  const { logFailure } = output;
  const record =
    parts.record ?? createFlowRecord(database, (error) => logFailure(undefined, error));
  await saveRegistrationCeiling(database, config.registrationCeiling);
  const keyring = await loadKeyring(database, usherKey);
  const onAnswered = hearing(record, parts.uses);
  const provider = providerOf(parts, output, keyring, { note: record.note, onAnswered });
  const ask = plainAnswers(database, issuer, onAnswered);
  metrics?.watch({
    pools: database.load,
    lanes: ask.load,
    hashing: hashingLoad,
    outbox: () => countMail(database),
  });
  const page: PageParts = {
    issuer,
    db: database,
    renderPage: output.renderPage,
    messagesOf: output.messagesOf,
    formTokens: createFormTokens({ key: keyring.form, issuer }),
    sessions: createBrowserSessions(provider, database, originReader(config.trustedHops)),
    originOf: originReader(config.trustedHops),
  };
  const routers = routersOf({
    ...parts,
    page,
    record,
    onAnswered,
    key: keyring.form,
    report: output.report,
    askThroughLanes: () => ask(probe),
    logoutRequests: createLogoutRequests(provider, database),
  });
  const handle = pagesAndApis(parts, output, routers);
  const library = byPath(issuer, { handle, handleOAuth: provider.callback() });
  return byTarget(issuer, library, fastPath({ ...parts, record }, output, ask, library));
}

function refuseInProduction({ config, hasPseudoLocale, sentMails, setUpCode }: AppParts): void {
  if (!config.isProduction) return;
  if (hasPseudoLocale) throw new RangeError('no pseudo-locale in production');
  if (setUpCode !== undefined) throw new RangeError('no set-up in the browser in production');
  if (sentMails !== undefined) throw new RangeError('no sent mail is shown in production');
}

/** Every answer about a token, whichever way it was asked for, is heard of here. */
function hearing(record: FlowRecord, uses: AppParts['uses']): OnAnswered {
  const noteAnswer = answerRecord(record);
  if (uses === undefined) return noteAnswer;
  return (clientId, answer, question) => {
    noteAnswer(clientId, answer, question);
    uses.note(clientId, answer, question);
  };
}

/** What is written to people and to operators, and how. */
interface Output extends Pick<PageParts, 'renderPage' | 'messagesOf'> {
  /** The languages of people. */
  readonly locales: readonly string[];
  readonly sampleDenial: ReturnType<typeof createDenials>;
  readonly logFailure: LogFailure;
  readonly report: Report;
  /** What every request passes first, at the library as well. */
  readonly first: readonly Koa.Middleware[];
  readonly failures: Koa.Middleware;
}

function outputOf({ config, logger, metrics, ...parts }: AppParts): Output {
  const { hasPseudoLocale: pseudo = false } = parts;
  const messages =
    parts.messages ?? loadMessages(messagesDirectory, { pseudo, words: platformWords });
  const messagesOf = messagesByLanguage(messages);
  const renderPage = createRenderer({ ...config, messagesOf });
  const sampleDenial = createDenials((req) => clientAddress(req, config.trustedHops));
  const logFailure = createFailureLog(logger);
  const report = reporter(logFailure);
  const counting = metrics === undefined ? [] : [requestCount(metrics)];
  const first = [requestLog(logger, sampleDenial), ...counting, securityHeaders(config)];
  const failures = errorPages({ renderPage, messagesOf }, report);
  const locales = messages.locales.filter((locale) => locale !== pseudoLocale);
  return { locales, renderPage, messagesOf, sampleDenial, logFailure, report, first, failures };
}

function providerOf(
  { config, database }: AppParts,
  { locales, renderPage, messagesOf, report, first, failures }: Output,
  keyring: Keyring,
  heard: Pick<FlowRecord, 'note'> & { readonly onAnswered: OnAnswered },
) {
  const { issuer, profileInIdToken, relyingParty, trustedHops } = config;
  const { stepUpSeconds, refreshRetrySeconds } = config;
  const provider = createProvider(
    {
      first: [...first, failures],
      locales,
      originOf: originReader(trustedHops),
      addressOf: (ctx) => originReader(trustedHops)(ctx).address ?? '',
      database,
      issuer,
      profileInIdToken,
      authenticationClasses: authenticationClasses(relyingParty !== undefined),
      stepUpSeconds,
      refreshRetrySeconds,
      ...elsewhereOf(config, database),
      registrationEndpoint: config.dynamicRegistration ? `${issuer}/oauth/register` : undefined,
      renderError: (ctx, out) => renderOAuthError({ renderPage, messagesOf }, ctx, out),
      ...heard,
      renderReturn: (ctx, address) => renderReturn({ renderPage, messagesOf }, ctx, address),
    },
    keyring,
  );
  provider.on('server_error', report);
  hear(provider, report);
  return provider;
}

/** What applications publish of themselves, in place of registering it. */
function elsewhereOf(config: Config, database: Database) {
  const { clientDocuments, clientDocumentsOnLoopback: loopback } = config;
  const settings = {
    onlyListedHosts: clientDocuments === 'listed',
    loopback,
    production: config.isProduction,
    introductionsPerHour: config.registrationLimit,
  };
  return {
    documents: clientDocuments === 'off' ? undefined : createClientDocuments(database, settings),
    keySets: createKeySets(database, loopback),
  };
}

function pagesAndApis(
  { config, database }: AppParts,
  { report, first, failures }: Output,
  routers: readonly Router[],
): RequestListener {
  const koa = new Koa();
  hear(koa, report);
  for (const middleware of first) koa.use(middleware);
  koa.use(openWellKnown);
  koa.use(failures);
  koa.use(firstAnswers({ db: database, issuer: config.issuer }));
  koa.use(managementMetadata(config.issuer));
  koa.use(exceptFor(programs, refuseCrossSite(config)));
  koa.use(allowedMethods);
  for (const router of routers) koa.use(router.routes());
  return koa.callback();
}

/** An answer that was under way ended; mostly whoever asked is gone. */
function hear(app: Koa, report: Report): void {
  app.on('error', (error: unknown, ctx?: Koa.Context) => report(ctx ?? { state: {} }, error));
  readQueriesOnce(app);
}

function fastPath(
  { config, logger, metrics, record }: AppParts & { readonly record: FlowRecord },
  { sampleDenial, logFailure }: Output,
  ask: ReturnType<typeof plainAnswers>,
  library: RequestListener,
): RequestListener {
  const { issuer } = config;
  return createFastPath({
    issuer,
    headers: dataHeadersOf(issuer),
    ask,
    library,
    onAnswered: answered(logger, metrics),
    onRefused: ({ clientId: client }, req) => {
      record.noteWrongSecret(client);
      const sampled = sampleDenial({ client, reason: 'invalid_client' }, req);
      const line = { method: 'POST', route: '/oauth/introspect', status: 401, ...sampled };
      if (sampled !== undefined) logger.info(line, 'request');
    },
    onFailure: (error) => logFailure(undefined, error),
  });
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

/** What programs call: their own credentials, or, at the management API, its own check of pages. */
const programs = /^\/(oauth|access|api)\//;

function exceptFor(paths: RegExp, middleware: Koa.Middleware): Koa.Middleware {
  return (ctx, next) => (paths.test(ctx.path) ? next() : middleware(ctx, next));
}

function reporter(logFailure: LogFailure): Report {
  return (ctx, error) => {
    const id = String(ctx.state['requestId'] ?? '');
    logFailure(id, error);
    return id;
  };
}
