/**
 * Signing in with an account at an OpenID provider of the platform.
 *
 *   GET  /sign-in/provider/:id              begins, and goes there
 *   GET  /sign-in/provider/:id/callback     comes back: a session, or why there is none
 *   GET  /sign-in/provider/:id/signed-out   comes back from signing out there
 *
 * What was begun is known by `state` and the browser's cookie together, and counts once. Nothing that the
 * provider says is believed before the library has checked it.
 *
 * Source: OpenID Connect Core section 3.1; RFC 9700 sections 2.1 and 4.7 (PKCE, nonce, state).
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import type Router from '@koa/router';
import type Koa from 'koa';
import { byProvider } from '../../accounts/authentication.ts';
import { connectIdentity } from '../../accounts/connect-identity.ts';
import { type ExternalSignIn, signInExternally } from '../../accounts/external-sign-in.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { findProvider, type StoredProvider } from '../../storage/people/identity-providers.ts';
import { insertProviderSession } from '../../storage/people/provider-sessions.ts';
import type { UpstreamPerson } from '../../upstream/claims.ts';
import type {
  OpenidProviders,
  UpstreamChecks,
  UpstreamRequest,
} from '../../upstream/openid-provider.ts';
import {
  claimPending,
  newPendingSecret,
  rememberPending,
} from '../../upstream/pending-sign-ins.ts';
import type { ProviderSecrets } from '../../upstream/provider-secrets.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { PageError, SignedOutError } from '../page/page-error.ts';
import { currentAccount, seeOther } from '../page/page-parts.ts';
import {
  browserOf,
  countBeginning,
  destinationOf,
  type ElsewhereParts,
  type Failure,
  goOnSignedIn,
  knownBrowserOf,
  requestOf,
  showFailure,
} from './elsewhere.ts';
import { showSignedOut } from './upstream-sign-out.ts';
import type { Destination, WayIn } from './ways-in.ts';

/** What the pages need beside the rest. */
export interface ProviderParts extends ElsewhereParts {
  readonly providers: OpenidProviders;
  readonly secrets: ProviderSecrets;
}

/** What a sign-in at a provider is for: to go on somewhere, or to connect an account. */
export type Purpose =
  | Destination
  | { readonly kind: 'connect'; readonly accountId: string; readonly sessionUid: string };

interface Begun {
  readonly providerId: string;
  readonly purpose: Purpose;
  readonly checks: Omit<UpstreamChecks, 'state'>;
}

/** The routes in the browser. */
export function providerRoutes(parts: ProviderParts): Router {
  return strictRouter()
    .get('/sign-in/provider/:id', (ctx) => begin(parts, ctx))
    .get('/sign-in/provider/:id/callback', (ctx) => finish(parts, ctx))
    .get('/sign-in/provider/:id/signed-out', (ctx) => showSignedOut(parts, ctx));
}

/** @throws {PageError} 404: there is no such provider. */
export async function providerOf({ db }: ProviderParts, ctx: Koa.Context): Promise<StoredProvider> {
  const { id = '' } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  const provider = await findProvider(db, id);
  if (provider !== undefined) return provider;
  throw new PageError(404, { what: 'elsewhere.unknown', next: 'elsewhere.unknown-next' });
}

async function begin(parts: ProviderParts, ctx: Koa.Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const provider = await providerOf(parts, ctx);
  const destination = destinationOf(parts, ctx);
  const request = await requestOf(parts, ctx, destination);
  try {
    const isAsked = request?.isFreshSignInAsked === true || request?.stepUp !== undefined;
    const isFresh = destination.isFresh === true || isAsked;
    const wish = { isFresh, loginHint: request?.loginHint, acrValues: request?.acrValues };
    seeOther(ctx, await beginAt(parts, ctx, provider, destination, wish));
  } catch (error) {
    await showFailure(parts, ctx, {
      failure: failureOf(ctx, error),
      way: wayOf(provider),
      destination,
    });
  }
}

/**
 * Remembers what is begun in this browser.
 *
 * @returns where to send it.
 * @throws {UpstreamError} the provider cannot be asked where.
 * @throws {PageError} 429.
 */
export async function beginAt(
  parts: ProviderParts,
  ctx: Koa.Context,
  provider: StoredProvider,
  purpose: Purpose,
  wish: Pick<UpstreamRequest, 'isFresh' | 'loginHint' | 'acrValues'>,
): Promise<string> {
  await countBeginning(parts, ctx);
  const secret = newPendingSecret();
  const checks = { nonce: randomText(), verifier: randomText() };
  const address = await parts.providers.authorizationUrl(provider, {
    state: secret,
    ...checks,
    ...wish,
  });
  const browserId = browserOf(parts, ctx);
  const begun: Begun = { providerId: provider.id, purpose, checks };
  await rememberPending(parts.db, 'UpstreamState', { secret, browserId }, begun);
  return address;
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

async function finish(parts: ProviderParts, ctx: Koa.Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const provider = await providerOf(parts, ctx);
  const way = wayOf(provider);
  const [state = '', another] = ctx.URL.searchParams.getAll('state');
  const browserId = knownBrowserOf(parts, ctx);
  const begun = (await claimPending(parts.db, 'UpstreamState', {
    secret: another === undefined ? state : '',
    browserId,
  })) as Begun | undefined;
  if (begun === undefined || begun.providerId !== provider.id)
    return showFailure(parts, ctx, { failure: 'over', way, destination: undefined });
  const { purpose, checks } = begun;
  const destination = purpose.kind === 'connect' ? undefined : purpose;
  try {
    const answer = new URL(ctx.path + ctx.search, parts.issuer);
    const person = await parts.providers.redeem(provider, answer, { state, ...checks });
    if (purpose.kind === 'connect') return await connect(parts, ctx, provider, purpose, person);
    const result = await signInExternally(
      parts.db,
      { issuer: provider.issuer, ...person },
      {
        name: provider.id,
        label: provider.name,
        trustedDomains: provider.trustedDomains,
      },
      { origin: parts.originOf(ctx), locale: parts.messagesOf(ctx).locale },
    );
    if (result.outcome === 'refused')
      return await showFailure(parts, ctx, { failure: refusals[result.why], way, destination });
    const { account } = result;
    const by = byProvider(person);
    await goOnSignedIn(parts, ctx, { account, destination: purpose, by }, (tx, uid) =>
      insertProviderSession(tx, uid, {
        providerId: provider.id,
        subject: person.subject,
        sid: person.sid,
        wrappedIdToken: parts.secrets.wrapIdToken(uid, person.idToken),
      }),
    );
  } catch (error) {
    await showFailure(parts, ctx, { failure: failureOf(ctx, error), way, destination });
  }
}

const refusals = {
  not_active: 'not-active',
  no_address: 'no-address',
  unverified: 'unverified',
  address_taken: 'address-taken',
  other_identity: 'other-identity',
} as const satisfies Record<(ExternalSignIn & { outcome: 'refused' })['why'], Failure>;

/** Whoever began must still be signed in, in the same session. */
async function connect(
  parts: ProviderParts,
  ctx: Koa.Context,
  { issuer, name }: StoredProvider,
  purpose: Extract<Purpose, { kind: 'connect' }>,
  { subject }: UpstreamPerson,
): Promise<void> {
  const signedIn = await currentAccount(parts, ctx);
  const isSame =
    signedIn?.account.id === purpose.accountId && signedIn.sessionUid === purpose.sessionUid;
  if (!isSame) throw new SignedOutError();
  const identity = { issuer, subject };
  const { locale } = parts.messagesOf(ctx);
  const by = { origin: parts.originOf(ctx), locale, provider: name };
  const came = await connectIdentity(parts.db, purpose.accountId, identity, by);
  seeOther(ctx, `/account/connections?done=${came}`);
}

/** @returns what to say. @throws whatever is no fault of the provider. */
export function failureOf(ctx: Koa.Context, error: unknown): Failure {
  if (!(error instanceof UpstreamError)) throw error;
  const { cause, fault } = error;
  const inner = cause instanceof Error ? `: ${codeOf(cause)}` : '';
  ctx.state['reason'] = `identity provider ${fault}${inner}`;
  return fault;
}

/** The code alone: a message may hold what the provider sent. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function wayOf({ id, name }: StoredProvider): WayIn {
  return { path: `/sign-in/provider/${id}`, name };
}
