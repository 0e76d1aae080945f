/**
 * An authorization request that waits for its user: what the pages may know of it, and how it goes on.
 *
 * The request is read from the library's own store by the browser's cookie; nothing of it is taken
 * from a form.
 *
 * @module
 */

import type Koa from 'koa';
import { errors, type Interaction, type InteractionResults, type Provider } from 'oidc-provider';
import { parseId, printId } from '../lib/ids.ts';

/** What an application asks for, as it stands in the store. */
export interface AuthorizationRequest {
  readonly uid: string;
  /** What has to be done next. */
  readonly prompt: 'login' | 'consent';
  readonly clientId: string;
  /** Expanded and canonical; OpenID's scopes may be in it. */
  readonly scope: string;
  readonly redirectUri: string;
  /** The account that is signed in (UUID). */
  readonly accountId: string | undefined;
  readonly loginHint: string | undefined;
}

/** What the pages can do with the request. Each step gives the address to go on to (303). */
export interface Interactions {
  /** @returns undefined when it is unknown, expired, or another browser's. */
  read(ctx: Koa.Context): Promise<AuthorizationRequest | undefined>;
  signedIn(ctx: Koa.Context, accountId: string): Promise<string>;
  consented(ctx: Koa.Context): Promise<string>;
  /** Ends the request with `access_denied`. */
  refused(ctx: Koa.Context, description: string): Promise<string>;
}

/** The interactions of a provider, for pages at `/interaction/:uid`. */
export function createInteractions(provider: Provider): Interactions {
  const finish = (ctx: Koa.Context, result: InteractionResults, isMerged: boolean) =>
    provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: isMerged });
  return {
    async read(ctx) {
      const interaction = await find(provider, ctx);
      return interaction && toRequest(interaction);
    },
    async signedIn(ctx, accountId) {
      await forgetOtherAccount(provider, ctx, accountId);
      return finish(ctx, { login: { accountId: printId('user', accountId) } }, false);
    },
    consented: (ctx) => finish(ctx, { consent: {} }, true),
    refused: (ctx, description) =>
      finish(ctx, { error: 'access_denied', error_description: description }, false),
  };
}

async function find(provider: Provider, ctx: Koa.Context): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    return ctx.path.split('/')[2] === interaction.uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

/** Somebody else signs in: the session of the one before ends, and the request goes on without it. */
async function forgetOtherAccount(
  provider: Provider,
  ctx: Koa.Context,
  accountId: string,
): Promise<void> {
  const interaction = await find(provider, ctx);
  const before = interaction?.session;
  if (before === undefined || before.accountId === printId('user', accountId)) return;
  const session = await provider.Session.get(ctx as never);
  await session.destroy();
  delete interaction?.session;
  await interaction?.persist();
}

function toRequest({ uid, prompt, params, session }: Interaction): AuthorizationRequest {
  const text = (name: string) => {
    const value = params[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    uid,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    clientId: text('client_id') ?? '',
    scope: text('scope') ?? '',
    redirectUri: text('redirect_uri') ?? '',
    accountId: parseId('user', session?.accountId ?? ''),
    loginHint: text('login_hint'),
  };
}
