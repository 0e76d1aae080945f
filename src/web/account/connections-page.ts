/**
 * Which accounts elsewhere sign in to this one.
 *
 *   GET  /account/connections              what is connected, and what can be
 *   POST /account/connections/:id          goes to the provider, to connect
 *   POST /account/connections/:id/remove   ends a connection
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { disconnectIdentity, isOnlyWay } from '../../accounts/connect-identity.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { listIdentities } from '../../storage/people/external-identities.ts';
import { listProviders } from '../../storage/people/identity-providers.ts';
import { readWaysIn } from '../../storage/people/ways-in.ts';
import { answerOnce } from '../page/answer-once.ts';
import { type ProofParts, provenOrSignInAgain } from '../page/fresh-sign-in.ts';
import { accountOfForm, accountOrSignIn, type SignedIn } from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { showFailure } from '../sign-in/elsewhere.ts';
import { beginAt, failureOf, type ProviderParts, providerOf } from '../sign-in/provider-page.ts';
import { renderReturn } from '../sign-in/return-page.ts';

/** What the page needs beside the rest. */
export interface ConnectionsParts extends ProviderParts, ProofParts {
  /** The RP ID of passkeys; undefined: there are none here. */
  readonly relyingParty: string | undefined;
}

/** The routes of the page. */
export function connectionsRoutes(parts: ConnectionsParts): Router {
  return strictRouter()
    .get('/account/connections', (ctx) => open(parts, ctx))
    .post('/account/connections/:id', (ctx) => connect(parts, ctx))
    .post('/account/connections/:id/remove', (ctx) => remove(parts, ctx));
}

const purpose = 'connections';

/** What is said after a form, by the word in the address: whether it is good, and the message's key. */
const done: Readonly<Record<string, readonly [kind: 'good' | 'danger', key: string]>> = {
  connected: ['good', 'connections.done-connected'],
  disconnected: ['good', 'connections.done-disconnected'],
  taken: ['danger', 'connections.done-taken'],
  other: ['danger', 'connections.done-other'],
  last: ['danger', 'connections.done-last'],
};

async function open(parts: ConnectionsParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn) await show(parts, ctx, signedIn);
}

async function show(
  { db, formTokens, messagesOf, relyingParty, renderPage, waysIn }: ConnectionsParts,
  ctx: Koa.Context,
  { account }: SignedIn,
): Promise<void> {
  const t = messagesOf(ctx);
  const identities = await listIdentities(db, account.id);
  const ways = await readWaysIn(db, account.id, relyingParty);
  const [kind, key] = done[ctx.URL.searchParams.get('done') ?? ''] ?? [];
  renderPage(ctx, 'account/connections', {
    title: t.text('connections.title'),
    account,
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
    notice: key && { kind, text: t.text(key) },
    isRefused: kind === 'danger',
    connections: (await listProviders(db)).map(({ id, name, issuer }) => {
      const found = identities.find((one) => one.issuer === issuer);
      return {
        name,
        path: `/account/connections/${id}`,
        isConnected: found !== undefined,
        isOnlyWay: isOnlyWay(ways, waysIn.hasPasswords),
        lastUsedAt: found?.lastUsedAt?.toISOString(),
      };
    }),
  });
}

/** @returns undefined when they have to sign in again first, and the answer is made. */
async function take(parts: ConnectionsParts, ctx: Koa.Context) {
  const fields = await readForm(ctx);
  const signedIn = await accountOfForm(parts, ctx);
  const binding = { purpose, accountId: signedIn.account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  if (!(await provenOrSignInAgain(parts, ctx, signedIn, '/account/connections'))) return undefined;
  return { ...signedIn, fields };
}

/** The way to the provider is a page that goes on by itself: a form of ours leads to this server only. */
async function connect(parts: ConnectionsParts, ctx: Koa.Context): Promise<void> {
  const sender = await take(parts, ctx);
  if (sender === undefined) return;
  const { account, sessionUid } = sender;
  const provider = await providerOf(parts, ctx);
  const wanted = { kind: 'connect', accountId: account.id, sessionUid } as const;
  const wish = { isFresh: false, loginHint: undefined };
  const { fields } = sender;
  try {
    const begin = () => beginAt(parts, ctx, provider, wanted, wish);
    await answerOnce(parts, ctx, fields, begin, (_, there) => renderReturn(parts, ctx, there));
  } catch (error) {
    await showFailure(parts, ctx, {
      failure: failureOf(ctx, error),
      way: { path: '/account/connections', name: provider.name },
      destination: { kind: 'page', next: '/account/connections' },
    });
  }
}

async function remove(parts: ConnectionsParts, ctx: Koa.Context): Promise<void> {
  const sender = await take(parts, ctx);
  if (sender === undefined) return;
  const { account, fields, work } = sender;
  const { issuer, name } = await providerOf(parts, ctx);
  await answerOnce(parts, ctx, fields, async () => {
    const came = await disconnectIdentity(work, {
      accountId: account.id,
      issuer,
      relyingParty: parts.relyingParty,
      hasPasswords: parts.waysIn.hasPasswords,
      provider: name,
      locale: parts.messagesOf(ctx).locale,
      origin: parts.originOf(ctx),
    });
    return `/account/connections${came === 'unchanged' ? '' : `?done=${came}`}`;
  });
}
