/**
 * The settings of oidc-provider: code flow and PKCE only, opaque tokens only, nothing for
 * development.
 *
 * @module
 */

import type { Context, Middleware } from 'koa';
import {
  type Client,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { formatScope } from '../catalogue/scope-set.ts';
import { callableNames, oidcScopes } from '../catalogue/scopes.ts';
import { idTokenAlgorithms } from '../clients/client.ts';
import { assertionAlgorithms } from '../clients/public-keys.ts';
import { isRegisteredOrigin } from '../clients/redirect-uris.ts';
import type { OnAnswered } from '../introspection/introspect.ts';
import { parseId } from '../lib/ids.ts';
import type { FlowRecord } from '../portal/flow-record.ts';
import type { RegisteredResource } from '../storage/clients/resource-servers.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { findActiveAccount } from '../storage/people/accounts.ts';
import { createAdapter } from './adapter.ts';
import { checkAssertion } from './client-assertions.ts';
import { isRefreshTokenKept, ownProperties } from './client-metadata.ts';
import { createClientsElsewhere, type ElsewhereParts } from './clients-elsewhere.ts';
import { createPolicy } from './consent-prompt.ts';
import { existingGrant } from './existing-grant.ts';
import type { RenderReturn } from './form-chains.ts';
import type { Keyring } from './keyring.ts';
import { accessTokenSeconds, ttl } from './lifetimes.ts';
import { checkPreselection, preselecting } from './preselection-parameters.ts';
import { isChallengeRequired, requireNonceWithoutChallenge } from './proof-key.ts';
import { refuseOtherModes } from './query-responses.ts';
import { requestDb } from './request-db.ts';
import { refuseLargeRequest } from './request-limits.ts';
import { findResource, onlyOne, unknownResource } from './resource-parameter.ts';
import { expandRequestScope } from './scope-parameter.ts';
import { keptStepUp } from './step-up-parameters.ts';
import { currentRequest } from './token-request.ts';

/** What the provider needs to know. */
export interface ProviderSettings extends ElsewhereParts {
  readonly database: Database;
  /** Without a path and without a slash at the end. */
  readonly issuer: string;
  /** Whether ID tokens say, as userinfo does, what the scopes `profile` and `email` stand for. */
  readonly profileInIdToken: boolean;
  /** What `acr` can be, the weakest first. */
  readonly authenticationClasses: readonly string[];
  /** How old a sign-in may be in which dangerous scopes are consented to; 0: as old as it is. */
  readonly stepUpSeconds: number;
  /** How long after a refresh token was spent the same request gets the same answer; 0: never. */
  readonly refreshRetrySeconds: number;
  /** Where clients register themselves; undefined when they cannot. */
  readonly registrationEndpoint: string | undefined;
  /** The address that a request came from. */
  readonly addressOf: (ctx: Context) => string;
  /** The languages of the pages (BCP 47). */
  readonly locales: readonly string[];
  /** What runs before all else of a request. */
  readonly first: readonly Middleware[];
  /** Shows an error that cannot be sent back to the application. */
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly renderReturn: RenderReturn;
  /** Hears of each answer about a token. */
  readonly onAnswered: OnAnswered;
  /** Hears what happens to applications. */
  readonly note: FlowRecord['note'];
}

/** Where the library answers; library-paths.ts says which paths those are. */
export const routes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  pushed_authorization_request: '/oauth/par',
  userinfo: '/oauth/userinfo',
  jwks: '/oauth/jwks',
};

const clientAuthMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const;

/** @returns the configuration for `new Provider(issuer, ...)`. */
export function createConfiguration(
  settings: ProviderSettings,
  keyring: Keyring,
  isIntrospectionAllowed: (ctx: KoaContextWithOIDC, asker: Client) => Promise<boolean>,
): Configuration {
  const { database, issuer, renderError } = settings;
  const db = requestDb(database);
  return {
    adapter: createAdapter(db, issuer, createClientsElsewhere(settings)),
    fetch: fetchNothing,
    routes,
    scopes: [...oidcScopes, ...callableNames],
    ...claims(settings),
    extraParams: { ...Object.fromEntries(preselecting.map((name) => [name, null])), ...keptStepUp },
    responseTypes: ['code'],
    pkce: { required: (_ctx, client) => isChallengeRequired(client) },
    clientAuthMethods: [...clientAuthMethods],
    assertJwtClientAuthClaimsAndHeader: checkAssertion,
    clientDefaults: { grant_types: [], response_types: [] },
    enabledJWA: {
      idTokenSigningAlgValues: [...idTokenAlgorithms],
      clientAuthSigningAlgValues: [...assertionAlgorithms],
    },
    extraClientMetadata: { properties: ownProperties },
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: ({ oidc }) => !isRefreshTokenKept(oidc.client),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    loadExistingGrant: existingGrant(db, issuer),
    findAccount: (_ctx, id) => findAccount(db, id),
    interactions: { policy: createPolicy(settings), url: (_ctx, { uid }) => `/interaction/${uid}` },
    clientBasedCORS: (_ctx, origin, client) => isBrowserClient(client, origin),
    cookies: cookies(issuer, keyring),
    jwks: { keys: keyring.signing.map((jwk) => ({ ...jwk })) },
    ttl,
    renderError,
    discovery: discovery(settings),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true }, // for service clients alone: service-token-adapter.ts
      introspection: { enabled: true, allowedPolicy: isIntrospectionAllowed },
      revocation: { enabled: true, allowedPolicy: isOwnToken },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: resourceIndicators(db, issuer),
    },
  };
}

/** What is fetched is fetched by the room for that (src/fetching), and never by the library. */
function fetchNothing(): Promise<Response> {
  throw new TypeError('the library is to fetch nothing');
}

/** What is said of a person and of their sign-in, by scope. */
function claims({ authenticationClasses, profileInIdToken }: ProviderSettings): Configuration {
  return {
    conformIdTokenClaims: !profileInIdToken,
    acrValues: [...authenticationClasses],
    claims: {
      openid: ['sub', 'auth_time', 'acr', 'amr'],
      profile: ['name'],
      email: ['email', 'email_verified'],
    },
  };
}

/** What the metadata says beyond the library's own (RFC 8414 section 2). */
function discovery({
  issuer,
  locales,
  registrationEndpoint,
  documents,
}: ProviderSettings): Configuration['discovery'] {
  return {
    introspection_endpoint_auth_methods_supported: clientAuthMethods.filter((m) => m !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    revocation_endpoint_auth_methods_supported: clientAuthMethods,
    revocation_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    end_session_endpoint: `${issuer}/oauth/end-session`, // a page of ours: web/sign-in/end-session-page.ts
    refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
    authorization_details_types_supported: ['usher'],
    prompt_values_supported: ['none', 'login', 'select_account', 'consent'],
    ui_locales_supported: [...locales],
    service_documentation: `${issuer}/scopes`,
    ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
    ...(documents === undefined ? {} : { client_id_metadata_document_supported: true }),
  };
}

/** RFC 7009 section 2.1: whoever did not get the token gets an error, and revokes nothing. */
async function isOwnToken(
  _ctx: KoaContextWithOIDC,
  client: Client,
  token: { clientId?: string | undefined },
): Promise<boolean> {
  if (token.clientId === client.clientId) return true;
  throw new errors.InvalidRequest('the token was not issued to this client');
}

async function findAccount(db: Db, accountId: string) {
  const id = parseId('user', accountId);
  if (id === undefined) return undefined;
  const redeemed = currentRequest()?.redemption?.redeemed;
  const isAtHand = redeemed?.grant.accountId === id;
  const account = isAtHand ? redeemed.account : await findActiveAccount(db, id);
  if (account === undefined) return undefined;
  const { name, email, isEmailVerified } = account;
  return {
    accountId,
    claims: () => ({ sub: accountId, name, email, email_verified: isEmailVerified }),
  };
}

/** A token for a resource indicator is for the resource server that is registered under it. */
function resourceIndicators(db: Db, issuer: string) {
  return {
    enabled: true,
    defaultResource: async (ctx: KoaContextWithOIDC, client: Client) => {
      checkRequest(ctx, client);
      return [];
    },
    useGrantedResource: () => true,
    getResourceServerInfo: async (
      ctx: KoaContextWithOIDC,
      indicator: string,
      client: Client,
    ): Promise<ResourceServer> => {
      const { resource } = ctx.oidc.params ?? {};
      if (Array.isArray(resource) && resource.length > 1) {
        throw new errors.InvalidTarget(onlyOne);
      }
      const found = await findResource(db, issuer, indicator);
      checkRequest(ctx, client, found);
      if (found === undefined) throw unknownResource(indicator);
      const { audience, accepted } = found;
      return {
        scope: accepted === undefined ? callableNames.join(' ') : formatScope(accepted),
        audience,
        accessTokenTTL: accessTokenSeconds,
        accessTokenFormat: 'opaque',
      };
    },
  };
}

/** What the library leaves unchecked of an authorization request, pushed or not. */
function checkRequest(
  ctx: KoaContextWithOIDC,
  client: Client,
  resource?: RegisteredResource,
): void {
  if (ctx.oidc.route === 'token') return;
  refuseLargeRequest(ctx);
  refuseOtherModes(ctx);
  expandRequestScope(ctx, client, resource);
  checkPreselection(ctx);
  requireNonceWithoutChallenge(ctx);
}

/** Only a public client runs in a browser, and only where its user is sent back to. */
function isBrowserClient(client: Client, origin: string): boolean {
  const { applicationType, clientAuthMethod, redirectUris = [] } = client;
  const type = applicationType === 'native' ? 'native' : 'web';
  return clientAuthMethod === 'none' && isRegisteredOrigin(origin, redirectUris, type);
}

/** `__Host-` and `__Secure-` bind a cookie to TLS (RFC 6265bis section 4.1.3). */
function cookies(issuer: string, { cookie }: Keyring): Configuration['cookies'] {
  const isSecure = issuer.startsWith('https:');
  const [host, secure] = isSecure ? ['__Host-', '__Secure-'] : ['', ''];
  const options = { httpOnly: true, sameSite: 'lax', signed: true, secure: isSecure } as const;
  return {
    keys: [...cookie],
    names: {
      session: `${host}usher_session`,
      interaction: `${secure}usher_interaction`,
      resume: `${secure}usher_resume`,
    },
    long: options,
    short: options,
  };
}
