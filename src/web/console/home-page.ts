/**
 * What a signed-in person begins with.
 *
 *   GET  /organizations               organizations, invitations, databases, applications with access
 *   POST /organizations/invitations   accepts or declines an invitation to the person's own address
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { strictRouter } from '../../lib/strict-router.ts';
import { roleName } from '../../members/roles.ts';
import type { Person } from '../../organizations/actor.ts';
import {
  acceptOwnInvitation,
  declineOwnInvitation,
} from '../../organizations/answer-invitation.ts';
import { parseInvitationId, printInvitationId } from '../../organizations/invitations.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import {
  administeredDatabases,
  allowedApplications,
  invitationsTo,
} from '../../storage/people/own-home.ts';
import { ownOrganizations } from '../../storage/tree/organizations.ts';
import { answerOnce } from '../page/answer-once.ts';
import { PageError } from '../page/page-error.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { type ConsoleAddress, homePath } from './addresses.ts';
import { nothingThere, pageErrorOf } from './refusal-texts.ts';

/** What the home is made with. */
export interface HomeParts extends PageParts {
  readonly addresses: ConsoleAddress;
  /** Adds the way to the demo. */
  readonly isDemo: boolean;
}

/** More than anybody looks through on one page. */
const most = { organizations: 200, invitations: 20, databases: 50, applications: 8 };

/** The routes of a person's home. */
export function organizationsRoutes(parts: HomeParts): Router {
  return strictRouter()
    .get(homePath, (ctx) => open(parts, ctx))
    .post(`${homePath}/invitations`, (ctx) => sendAnswer(parts, ctx));
}

/** The message after a form, by key; the address names it, so it is one of these. */
const done: Readonly<Record<string, string>> = {
  joined: 'account-page.done-joined',
  declined: 'account-page.done-declined',
};

async function open(parts: HomeParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn === undefined) return;
  const t = parts.messagesOf(ctx);
  const doneKey = done[ctx.URL.searchParams.get('done') ?? ''];
  parts.renderPage(ctx, 'console/home', {
    title: t.text('console-home.title'),
    account: signedIn.account,
    isWide: true,
    isDemo: parts.isDemo,
    done: doneKey && t.text(doneKey),
    ...(await contentsOf(parts, ctx, signedIn)),
  });
}

async function contentsOf(parts: HomeParts, ctx: Koa.Context, { account: { id } }: SignedIn) {
  const { locale } = parts.messagesOf(ctx);
  const { addresses, db } = parts;
  const [own, invitations, databases, applications] = await Promise.all([
    ownOrganizations(db, id, '', most.organizations),
    invitationsTo(db, id, most.invitations),
    administeredDatabases(db, id, most.databases),
    allowedApplications(db, id, most.applications),
  ]);
  return {
    organizations: own.map(({ organization: { name, slug, suspendedFor }, role }) => {
      const href = addresses.organization(slug);
      return { name, slug, href, role: roleName(role, locale), suspendedFor };
    }),
    invitations: invitations.map(({ role, expiresAt, ...invitation }) => ({
      ...invitation,
      role: roleName(role, locale),
      expiresAt: expiresAt.toISOString(),
      printed: printInvitationId(invitation.id),
      token: parts.formTokens.issue(ctx, { purpose: purposeOf(invitation.id), accountId: id }),
    })),
    databases: databases.map((database) => `${database.organizationSlug}/${database.slug}`),
    applications,
  };
}

const purposeOf = (invitationId: string) => `own-invitation:${invitationId}`;

async function sendAnswer(parts: HomeParts, ctx: Koa.Context): Promise<void> {
  const fields = await readForm(ctx);
  const { account, work } = await accountOfForm(parts, ctx);
  const id = parseInvitationId(fields.get('invitation') ?? '');
  if (id === undefined) throw nothingThere();
  const binding = { purpose: purposeOf(id), accountId: account.id };
  parts.formTokens.check(ctx, binding, fields.get('token'));
  const action = fields.get('action');
  if (action !== 'accept' && action !== 'decline') {
    throw new PageError(400, { what: 'join.unanswered', next: 'join.unanswered-next' });
  }
  const { id: accountId } = account;
  const actor: Person = { accountId, via: { kind: 'session' }, origin: parts.originOf(ctx) };
  await answerOnce(parts, ctx, fields, async () => {
    try {
      if (action === 'decline') {
        await declineOwnInvitation(work, actor, id);
        return seeOther(ctx, `${homePath}?done=declined`);
      }
      const organizationId = await acceptOwnInvitation(work, actor, id);
      seeOther(ctx, await parts.addresses.joined(organizationId));
    } catch (error) {
      throw error instanceof RefusedError ? pageErrorOf(error) : error;
    }
  });
}
