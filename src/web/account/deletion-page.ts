/**
 * Deleting one's own account.
 *
 *   GET  /account/delete    what ends with it, by name, after a sign-in of just now
 *   POST /account/delete    deletes it
 *   GET  /account/deleted   says that it is done
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { deleteAccount } from '../../organizations/delete-account.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { listOwnClients } from '../../storage/clients/own-clients.ts';
import { consentsOf } from '../../storage/consents/consents.ts';
import type { Db } from '../../storage/engine/database.ts';
import { organizationsOf } from '../../storage/people/account-holdings.ts';
import { listIdentities } from '../../storage/people/external-identities.ts';
import { listProviders } from '../../storage/people/identity-providers.ts';
import { listPasskeys } from '../../storage/people/passkeys.ts';
import { listAccountSessions } from '../../storage/people/sessions.ts';
import { answerOnce } from '../page/answer-once.ts';
import { type ProofParts, provenOrSignInAgain } from '../page/fresh-sign-in.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';

/** The routes of a deletion. */
export function deletionRoutes(parts: ProofParts): Router {
  return strictRouter()
    .get('/account/delete', (ctx) => open(parts, ctx))
    .post('/account/delete', (ctx) => send(parts, ctx))
    .get('/account/deleted', (ctx) => showDone(parts, ctx));
}

const purpose = 'delete-account';
const path = '/account/delete';

async function open(parts: ProofParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined || !(await provenOrSignInAgain(parts, ctx, signedIn, path))) return;
  await show(parts, ctx, signedIn);
}

async function show(parts: PageParts, ctx: Koa.Context, { account }: SignedIn): Promise<void> {
  const { db, formTokens, messagesOf, renderPage } = parts;
  const organizations = await organizationsOf(db, account.id);
  const consents = await consentsOf(db, account.id);
  renderPage(ctx, 'account/delete', {
    title: messagesOf(ctx).text('deletion.title'),
    account,
    organizations: organizations.filter((one) => !one.isLastAdministrator).map(({ name }) => name),
    kept: organizations.filter((one) => one.isLastAdministrator).map(({ name }) => name),
    applications: consents.map(({ application }) => application.name),
    own: (await listOwnClients(db, { accountId: account.id })).map(({ name }) => name),
    connections: await connectionsOf(db, account.id),
    passkeys: (await listPasskeys(db, account.id)).map(({ name }) => name),
    sessions: (await listAccountSessions(db, account.id)).length,
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
  });
}

/** The names of the providers; one that is gone is known by its host. */
async function connectionsOf(db: Db, accountId: string): Promise<string[]> {
  const providers = await listProviders(db);
  const identities = await listIdentities(db, accountId);
  return identities.map(
    ({ issuer }) => providers.find((one) => one.issuer === issuer)?.name ?? new URL(issuer).host,
  );
}

async function send(parts: ProofParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  if (!(await provenOrSignInAgain(parts, ctx, sender, path))) return;
  await answerOnce(parts, ctx, fields, () => end(parts, ctx, sender));
}

async function end(parts: PageParts, ctx: Koa.Context, sender: Sender): Promise<void> {
  const { account, work } = sender;
  const origin = parts.originOf(ctx);
  const actor = { accountId: account.id, via: { kind: 'session' }, origin } as const;
  try {
    await deleteAccount(work, actor, parts.messagesOf(ctx).locale);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.code !== 'conflict') throw error;
    ctx.status = 409;
    return show(parts, ctx, sender); // they became the last administrator meanwhile
  }
  await parts.sessions.signOut(ctx);
  seeOther(ctx, '/account/deleted');
}

function showDone({ messagesOf, renderPage }: PageParts, ctx: Koa.Context): void {
  const title = messagesOf(ctx).text('deletion.done');
  renderPage(ctx, 'account/deleted', { title, isNarrow: true });
}
