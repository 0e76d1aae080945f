/**
 * All routes that are not the library's: one list for operations and APIs, one for pages. Whoever
 * adds a room adds its line here.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { stepReader } from './accounts/first-steps.ts';
import { createChallenges } from './accounts/passkeys/challenges.ts';
import { clientRegistrationRoutes } from './api/client-registration.ts';
import { docsRoutes } from './api/management/docs-routes.ts';
import { managementRoutes } from './api/management/management-routes.ts';
import { accessRoutes } from './check/access-routes.ts';
import type { Config } from './config.ts';
import { demoRoutes } from './demo/demo-routes.ts';
import { textsByNameServers } from './fetching/text-records.ts';
import type { OnAnswered } from './introspection/introspect.ts';
import type { UseCounter } from './introspection/use-counter.ts';
import type { SentMails } from './mail/sent-mail.ts';
import { healthRoutes, type Readiness } from './ops/health.ts';
import type { FlowRecord } from './portal/flow-record.ts';
import { createInteractions } from './provider/interactions.ts';
import type { LogoutRequests } from './provider/logout-requests.ts';
import type { Database } from './storage/engine/database.ts';
import { createOpenidProviders } from './upstream/openid-provider.ts';
import { createProviderSecrets } from './upstream/provider-secrets.ts';
import { accountRoutes } from './web/account/account-page.ts';
import { appAccessRoutes } from './web/account/app-access-page.ts';
import { applicationsRoutes } from './web/account/applications-page.ts';
import { connectionsRoutes } from './web/account/connections-page.ts';
import { deletionRoutes } from './web/account/deletion-page.ts';
import { profileRoutes } from './web/account/profile-page.ts';
import { securityRoutes } from './web/account/security-page.ts';
import { sessionsRoutes } from './web/account/sessions-page.ts';
import { adoptRoutes } from './web/applications/adopt-page.ts';
import { checkedUrisRoutes } from './web/applications/checked-uris-page.ts';
import { consentPreviewRoutes } from './web/applications/consent-preview-page.ts';
import { domainRoutes } from './web/applications/domain-page.ts';
import { logoRoutes } from './web/applications/logo-routes.ts';
import { managersRoutes } from './web/applications/managers-pages.ts';
import { ownActivityRoutes } from './web/applications/own-activity-page.ts';
import { ownFormRoutes } from './web/applications/own-form-pages.ts';
import { ownKeyRoutes } from './web/applications/own-keys-pages.ts';
import { ownLogoRoutes } from './web/applications/own-logo-pages.ts';
import { ownApplicationRoutes } from './web/applications/own-pages.ts';
import { ownSecretRoutes } from './web/applications/own-secrets-pages.ts';
import { serverFormRoutes } from './web/applications/server-form-pages.ts';
import { serverRoutes } from './web/applications/server-pages.ts';
import { consentRoutes } from './web/consent/consent-page.ts';
import { interactionRoutes } from './web/consent/interaction-page.ts';
import { type ConsoleAddress, consoleAddresses } from './web/console/addresses.ts';
import { consoleRoutes } from './web/console/console-routes.ts';
import { organizationsRoutes } from './web/console/home-page.ts';
import { organizationBar } from './web/console/organization-bar.ts';
import { sentMailRoutes } from './web/development/sent-mail-page.ts';
import { operationsRoutes } from './web/operations/operations-page.ts';
import { firstOrganizationRoutes } from './web/organizations/first-organization-page.ts';
import { invitationRoutes } from './web/organizations/invitation-page.ts';
import { assetRoutes } from './web/page/assets.ts';
import { brandRoutes, brandStyles } from './web/page/brand-routes.ts';
import type { PageParts } from './web/page/page-parts.ts';
import { catalogueRoutes } from './web/public/catalogue-page.ts';
import { errorListRoutes } from './web/public/error-list-page.ts';
import { homeRoutes } from './web/public/home-page.ts';
import { backchannelRoutes } from './web/sign-in/backchannel-logout.ts';
import { continueRoutes } from './web/sign-in/continue-page.ts';
import { endSessionRoutes } from './web/sign-in/end-session-page.ts';
import { firstStepsRoutes } from './web/sign-in/first-steps-page.ts';
import { handOffRoutes } from './web/sign-in/hand-off-page.ts';
import { createKnownDevices } from './web/sign-in/known-devices.ts';
import { passkeyOfferRoutes } from './web/sign-in/passkey-offer-page.ts';
import { providerRoutes } from './web/sign-in/provider-page.ts';
import { resetRoutes } from './web/sign-in/reset-page.ts';
import { selectAccountRoutes } from './web/sign-in/select-account-page.ts';
import { setUpRoutes } from './web/sign-in/set-up-page.ts';
import { signInRoutes } from './web/sign-in/sign-in-page.ts';
import { signUpRoutes } from './web/sign-in/sign-up-page.ts';
import { createWaysIn } from './web/sign-in/ways-in.ts';

/** Logs a failure under the request's id. @returns that id. */
export type Report = (ctx: Pick<Koa.Context, 'state'>, error: unknown) => string;

/** What the rooms are given. */
export interface RouterParts {
  readonly config: Config;
  readonly database: Database;
  readonly readiness: Readiness;
  /** What pages are made with. */
  readonly page: PageParts;
  readonly record: FlowRecord;
  /** Hears of each answer about a token. */
  readonly onAnswered: OnAnswered;
  /** Counts what decisions permit; undefined: nothing is counted. */
  readonly uses?: Pick<UseCounter, 'count'> | undefined;
  /** 32 bytes that all nodes share. */
  readonly key: Buffer;
  readonly report: Report;
  /** Asks the database as the fast path does. */
  readonly askThroughLanes: () => Promise<unknown>;
  readonly logoutRequests: LogoutRequests;
  /** Wraps the stored secrets of identity providers. */
  readonly usherKey: string;
  /** Undefined: a new installation is not set up in the browser. */
  readonly setUpCode?: string | undefined;
  /** What the process has sent, shown at /dev/mail; undefined in production. */
  readonly sentMails?: SentMails | undefined;
}

/** Every router, in the order in which they are tried. */
export function routersOf(parts: RouterParts): Router[] {
  return [...operations(parts), operatorRoutes(parts), ...apis(parts), ...pages(parts)];
}

function operatorRoutes({ config: { relyingParty }, page, key }: RouterParts): Router {
  return operationsRoutes({ ...page, provingParty: relyingParty?.id, key });
}

function operations(parts: RouterParts): Router[] {
  return [healthRoutes(parts), assetRoutes(brandStyles()), brandRoutes()];
}

function apis({ config, database, page, key, report, onAnswered, uses }: RouterParts): Router[] {
  const { issuer, isProduction: production, signInUrl } = config;
  const { originOf, renderPage, sessions } = page;
  const addressOf = (ctx: Koa.Context) => originOf(ctx).address ?? '';
  const atApi = { issuer, database, report, countUse: uses?.count };
  const attemptsPerHour = config.registrationLimit;
  const registration = { database, issuer, production, addressOf, attemptsPerHour };
  return [
    accessRoutes({ ...atApi, onAnswered }),
    managementRoutes({
      ...{ ...atApi, production, sessions, originOf, key, signInUrl },
      findTexts: textsByNameServers(config.dnsServers),
    }),
    docsRoutes({ issuer, renderPage }),
    ...(config.dynamicRegistration ? [clientRegistrationRoutes(registration)] : []),
  ];
}

function pages(parts: RouterParts): Router[] {
  const { config, page, key, logoutRequests, sentMails, setUpCode } = parts;
  const { issuer, demo: isDemo, passwords: hasPasswords, relyingParty: party } = config;
  const { signUp, signInUrl } = config;
  const passkeys = party && { party, challenges: createChallenges(key) };
  // Where accounts are elsewhere, no mail replaces a lost passkey: the provider answers for who comes.
  const provingParty = hasPasswords ? party?.id : undefined;
  const knownDevices = createKnownDevices({ key, issuer });
  const interactions = createInteractions(page.db, issuer);
  const elsewhere = { ...page, ...elsewhereOf(parts), knownDevices, interactions };
  const signIn = { ...elsewhere, passkeys, signUp };
  const addresses = consoleAddresses(page.db, config.consoleUrl);
  const stepOf = stepReader(page.db, setUpCode !== undefined);
  return [
    homeRoutes({ ...page, addresses, isDemo, stepOf }),
    catalogueRoutes(page),
    errorListRoutes(page),
    signInRoutes(signIn),
    // Whose accounts are elsewhere gets them back, and makes them, there.
    ...(hasPasswords ? [resetRoutes(signIn), signUpRoutes(signIn), continueRoutes(signIn)] : []),
    providerRoutes(elsewhere),
    ...(signInUrl === undefined ? [] : [handOffRoutes({ ...elsewhere, signInUrl })]),
    backchannelRoutes(elsewhere),
    endSessionRoutes({ ...elsewhere, logoutRequests }),
    invitationRoutes({ ...page, addresses, knownDevices, hasPasswords, signUp }),
    ...firstRoutes(parts, addresses),
    setUpRoutes({ ...page, knownDevices, passkeys, stepOf }), // after what looks like its links
    interactionRoutes(signIn),
    selectAccountRoutes({ ...page, interactions }),
    consentRoutes({ ...page, interactions, stepUpSeconds: config.stepUpSeconds }),
    accountRoutes({ ...page, hasPasswords, provingParty }),
    profileRoutes({ ...signIn, provingParty }),
    deletionRoutes({ ...page, provingParty }),
    sessionsRoutes(page),
    passkeyOfferRoutes({ ...page, passkeys, provingParty }),
    securityRoutes({ ...page, hasPasswords, passkeys, provingParty }),
    connectionsRoutes({ ...elsewhere, relyingParty: party?.id, provingParty }),
    ...portalRoutes(parts),
    applicationsRoutes(page),
    organizationsRoutes({ ...page, addresses, isDemo }),
    consoleRoutes({ ...page, key }),
    appAccessRoutes({ ...page, key, stepUpSeconds: config.stepUpSeconds }),
    ...(sentMails === undefined ? [] : [sentMailRoutes({ ...page, sentMails })]),
    ...(isDemo ? [demoRoutes({ ...page, key })] : []),
  ];
}

function portalRoutes({ config, page, record }: RouterParts): Router[] {
  const aroundOrganization = config.consoleUrl === undefined ? organizationBar(page) : undefined;
  const portal = { ...page, isProduction: config.isProduction, record, aroundOrganization };
  return [
    serverFormRoutes(portal),
    serverRoutes(portal),
    ownFormRoutes(portal), // before `own`, `new` and `adopt` are read as ids
    checkedUrisRoutes(portal),
    adoptRoutes(portal),
    ownApplicationRoutes(portal),
    managersRoutes(portal),
    domainRoutes({ ...portal, findTexts: textsByNameServers(config.dnsServers) }),
    ownSecretRoutes(portal),
    consentPreviewRoutes(portal),
    ownKeyRoutes(portal),
    ownLogoRoutes(portal),
    logoRoutes(page),
    ownActivityRoutes(portal),
  ];
}

function firstRoutes({ page, setUpCode }: RouterParts, addresses: ConsoleAddress): Router[] {
  if (setUpCode === undefined) return [];
  return [
    firstStepsRoutes({ ...page, setUpCode }),
    firstOrganizationRoutes({ ...page, addresses }),
  ];
}

/** What signing in elsewhere takes: the platform's own accounts. */
function elsewhereOf({ config, page, usherKey }: RouterParts) {
  const { issuer, isProduction, passwords: hasPasswords, signInUrl } = config;
  const secrets = createProviderSecrets(usherKey);
  return {
    secrets,
    providers: createOpenidProviders({ issuer, isProduction, secrets }),
    waysIn: createWaysIn({ db: page.db, hasPasswords, signInUrl }),
  };
}
