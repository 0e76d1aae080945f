/**
 * One application as its owner sees it, and the page that shows a secret this once.
 *
 * @module
 */

import type Koa from 'koa';
import { needsSecret } from '../../applications/registration-credentials.ts';
import type { Client } from '../../clients/client.ts';
import { newId, printId } from '../../lib/ids.ts';
import { provedAt, recordOf } from '../../portal/domain-proof.ts';
import { latestProblems } from '../../portal/flow-summary.ts';
import { managersOf } from '../../portal/managers.ts';
import { kindOf, type Owned } from '../../portal/own-applications.ts';
import { listOwnSecrets, maxSecrets, secretDays } from '../../portal/own-secrets.ts';
import { snippetsFor } from '../../portal/snippets.ts';
import type { ListedSecret } from '../../storage/clients/client-secrets.ts';
import { scopeTexts } from './own-form.ts';
import { proofFor } from './own-keys-view.ts';
import { problemTexts } from './own-problems.ts';
import {
  idsOf,
  notThere,
  type OwnSite,
  type PortalParts,
  type Refusal,
  type Visit,
} from './own-site.ts';

const doneTexts: Readonly<Record<string, string>> = {
  registered: 'own-app.registered',
  changed: 'own-app.changed',
  moved: 'own-app.moved',
  ended: 'own-app.secret-ended',
  named: 'own-app.manager-named',
  dropped: 'own-app.manager-dropped',
  adopted: 'own-app.adopted',
  keys: 'own-app-keys.saved',
  proved: 'own-app-domain.proved',
  logo: 'own-app-logo.saved',
  'logo-removed': 'own-app-logo.removed',
};

const kindNames = {
  web: 'own-app-form.web',
  native: 'own-app-form.native',
  browser: 'own-app-form.browser',
} as const;

const languageTexts = {
  curl: 'own-app.try-curl',
  node: 'own-app.try-node',
  python: 'own-app.try-python',
  go: 'own-app.try-go',
} as const;

/** A form serves one application; a new one's id is none that its reader chose. */
export const purposeOf = (id: string) => `own-application:${id}`;

/** Shows the application. */
export async function showOwn(
  parts: PortalParts,
  ctx: Koa.Context,
  visit: Visit,
  client: Owned,
  refusal?: Refusal,
): Promise<void> {
  const { account, site } = visit;
  const t = parts.messagesOf(ctx);
  const { id } = client;
  const done = doneTexts[ctx.URL.searchParams.get('done') ?? ''];
  const tokenFor = (purpose: string) =>
    parts.formTokens.issue(ctx, { purpose, accountId: account.id });
  const secretId = newId();
  await parts.record.flush(); // who just tried it looks for it here
  const [problem] = await latestProblems(parts.db, client);
  parts.renderPage(ctx, 'applications-own/view', {
    title: client.name,
    account,
    isWide: true,
    client,
    organization: site.organization,
    kind: t.text(kindNames[kindOf(client)]),
    hasSecrets: needsSecret(client.authMethod),
    ...(await secretsFor(parts, visit, client)),
    proof: await proofFor(parts, visit, client, refusal),
    domain: await domainFor(parts, client),
    managers: await managersFor(parts, visit, client),
    scopes: scopeTexts(t, client),
    days: secretDays,
    snippets: snippetsFor(parts.issuer, client).map((one) => ({
      ...one,
      label: t.text(languageTexts[one.language]),
    })),
    path: `${site.path}/${id}`,
    back: site.path,
    secretId,
    problem: problem && problemTexts(t, problem),
    refusal,
    done: done && t.text(done),
    token: tokenFor(purposeOf(id)),
    addToken: tokenFor(addPurpose(id, secretId)),
  });
}

async function secretsFor({ db }: PortalParts, { site }: Visit, { id }: Owned) {
  const secrets = await listOwnSecrets(db, idsOf(site, id));
  if (secrets === undefined) throw notThere();
  return {
    mayAdd: secrets.length < maxSecrets,
    secrets: secrets.map(shownSecret),
  };
}

/** A secret as its list shows it; never the secret itself. */
export function shownSecret({ createdAt, lastUsedAt, expiresAt, ...secret }: ListedSecret) {
  return {
    ...secret,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
    expiresAt: expiresAt?.toISOString(),
    isOver: expiresAt !== undefined && expiresAt.getTime() <= Date.now(),
  };
}

/** @returns undefined without a home page on the Internet. */
async function domainFor({ db, issuer }: PortalParts, client: Owned) {
  const record = recordOf(issuer, client);
  return record && { ...record, provedAt: (await provedAt(db, client))?.toISOString() };
}

/** @returns undefined where nobody but the owner looks after an application. */
async function managersFor({ db }: PortalParts, { account, site }: Visit, { id, isWhole }: Owned) {
  const { owner } = site;
  if (owner.organizationId === undefined) return undefined;
  const managers = await managersOf(db, { owner, clientId: id });
  return managers.map((one) => {
    const isSelf = one.accountId === account.id;
    const printed = printId('user', one.accountId);
    return { ...one, account: printed, isSelf, mayDrop: isWhole || isSelf };
  });
}

/** A form makes one secret, whose id is none that its reader chose. */
export const addPurpose = (clientId: string, secretId: string) =>
  `own-secret:${clientId}:${secretId}`;

/** Shows a secret, which nobody can show again. */
export function showSecret(
  parts: PortalParts,
  ctx: Koa.Context,
  { account, site }: Pick<Visit, 'account'> & { readonly site: Pick<OwnSite, 'path'> },
  { client, secret }: { readonly client: Pick<Client, 'id'>; readonly secret: string },
): void {
  ctx.set('Cache-Control', 'no-store');
  parts.renderPage(ctx, 'applications-own/secret', {
    title: parts.messagesOf(ctx).text('own-app.secret-title'),
    account,
    client,
    secret,
    path: `${site.path}/${client.id}`,
  });
}
