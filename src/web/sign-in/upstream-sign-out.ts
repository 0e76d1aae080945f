/**
 * Signing out at the provider, too, where the session began there: the browser goes there with the ID
 * token, and comes back to go on to where it was going.
 *
 * A provider that does not answer, or has no such page, keeps nobody from signing out here.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0.
 *
 * @module
 */

import type Koa from 'koa';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { findProvider } from '../../storage/people/identity-providers.ts';
import { findProviderSession } from '../../storage/people/provider-sessions.ts';
import type { OpenidProviders } from '../../upstream/openid-provider.ts';
import {
  claimPending,
  newPendingSecret,
  rememberPending,
} from '../../upstream/pending-sign-ins.ts';
import type { ProviderSecrets } from '../../upstream/provider-secrets.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { type PageParts, seeOther } from '../page/page-parts.ts';

/** What it takes. */
export interface UpstreamSignOutParts extends PageParts {
  readonly providers: OpenidProviders;
  readonly secrets: ProviderSecrets;
}

/** Where to go once signed out there. */
export interface AfterSignOut {
  /** An application's address, or a page of ours; undefined: the page that says it. */
  readonly returnTo: string | undefined;
  /** Whether the address is shown as a link, since nobody vouches for it. */
  readonly isUnknown: boolean;
}

/**
 * Called while the session lives.
 *
 * @returns where to send the browser once it is signed out here; undefined when nowhere.
 */
export async function upstreamSignOut(
  { db, issuer, providers, secrets }: UpstreamSignOutParts,
  ctx: Koa.Context,
  sessionUid: string,
  after: AfterSignOut,
): Promise<string | undefined> {
  const begun = await findProviderSession(db, sessionUid);
  const provider = begun && (await findProvider(db, begun.providerId));
  if (provider === undefined || begun === undefined) return undefined;
  const secret = newPendingSecret();
  const idToken = secrets.unwrapIdToken(sessionUid, begun.wrappedIdToken);
  const address = await providers
    .endSessionUrl(provider, { idToken, state: secret })
    .catch((error) => {
      if (!(error instanceof UpstreamError)) throw error;
      ctx.state['reason'] = `sign-out at the identity provider: ${error.fault}`;
      return undefined;
    });
  if (address === undefined) return undefined;
  const browserId = browserIdentity(issuer).ensure(ctx);
  await rememberPending(db, 'UpstreamLogout', { secret, browserId }, after);
  return address;
}

/** The browser has come back from signing out there. */
export async function showSignedOut(parts: PageParts, ctx: Koa.Context): Promise<void> {
  const secret = ctx.URL.searchParams.get('state') ?? '';
  const browserId = browserIdentity(parts.issuer).read(ctx);
  const after = (await claimPending(parts.db, 'UpstreamLogout', { secret, browserId })) as
    | AfterSignOut
    | undefined;
  if (after?.returnTo !== undefined && !after.isUnknown) return seeOther(ctx, after.returnTo);
  renderSignedOut(parts, ctx, after?.returnTo);
}

/** The page that says that somebody is signed out, with a link to `returnTo`. */
export function renderSignedOut(
  { messagesOf, renderPage }: PageParts,
  ctx: Koa.Context,
  returnTo: string | undefined,
): void {
  const title = messagesOf(ctx).text('end-session.done');
  renderPage(ctx, 'signed-out', {
    title,
    returnTo,
    destination: returnTo && destinationOf(returnTo),
  });
}

/** The host, or the scheme of a program. */
function destinationOf(address: string): string {
  const { host, protocol } = new URL(address);
  return protocol.startsWith('http') ? host : protocol.slice(0, -1);
}
