/**
 * One application as its owner sees it, and the page that shows a secret this once.
 *
 * @module
 */

import type Koa from 'koa';
import type { Client } from '../../clients/client.ts';
import { newId } from '../../lib/ids.ts';
import { kindOf } from '../../portal/own-applications.ts';
import { maxSecrets, secretDays } from '../../portal/own-secrets.ts';
import { clientSecretsOf } from '../../storage/clients/client-secrets.ts';
import type { OwnClient } from '../../storage/clients/own-clients.ts';
import type { PageParts, SignedIn } from '../page/page-parts.ts';
import { scopeTexts } from './own-form.ts';

/** What the pages of developers are made with. */
export interface PortalParts extends PageParts {
  readonly isProduction: boolean;
}

export const ownPath = '/account/applications/own';

const doneTexts: Readonly<Record<string, string>> = {
  registered: 'own-app.registered',
  changed: 'own-app.changed',
  moved: 'own-app.moved',
  ended: 'own-app.secret-ended',
};

const kindNames = {
  web: 'own-app-form.web',
  native: 'own-app-form.native',
  browser: 'own-app-form.browser',
} as const;

/** What could not be done to its secrets. */
export interface Refusal {
  /** A message key. */
  readonly text: string;
  /** What was typed as a name. */
  readonly typed: string;
}

/** Shows the application. */
export async function showOwn(
  parts: PortalParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  client: OwnClient,
  refusal?: Refusal,
): Promise<void> {
  const t = parts.messagesOf(ctx);
  const { id } = client;
  const done = doneTexts[ctx.URL.searchParams.get('done') ?? ''];
  const secrets = await clientSecretsOf(parts.db, id);
  const tokenFor = (purpose: string) =>
    parts.formTokens.issue(ctx, { purpose, accountId: account.id });
  const secretId = newId();
  parts.renderPage(ctx, 'applications-own/view', {
    title: client.name,
    account,
    isWide: true,
    client,
    kind: t.text(kindNames[kindOf(client)]),
    hasSecrets: kindOf(client) === 'web',
    mayAdd: secrets.length < maxSecrets,
    secrets: secrets.map(({ createdAt, lastUsedAt, expiresAt, ...secret }) => ({
      ...secret,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString(),
      expiresAt: expiresAt?.toISOString(),
      isOver: expiresAt !== undefined && expiresAt.getTime() <= Date.now(),
    })),
    scopes: scopeTexts(t, client),
    days: secretDays,
    path: `${ownPath}/${id}`,
    secretId,
    refusal: refusal && { text: t.text(refusal.text), typed: refusal.typed },
    done: done && t.text(done),
    token: tokenFor(`own-application:${id}`),
    addToken: tokenFor(addPurpose(id, secretId)),
  });
}

/** A form makes one secret, whose id is none that its reader chose. */
export const addPurpose = (clientId: string, secretId: string) =>
  `own-secret:${clientId}:${secretId}`;

/** Shows a secret, which nobody can show again. */
export function showSecret(
  parts: PortalParts,
  ctx: Koa.Context,
  { account }: SignedIn,
  { client, secret }: { readonly client: Client; readonly secret: string },
): void {
  ctx.set('Cache-Control', 'no-store');
  parts.renderPage(ctx, 'applications-own/secret', {
    title: parts.messagesOf(ctx).text('own-app.secret-title'),
    account,
    client,
    secret,
    path: `${ownPath}/${client.id}`,
  });
}
