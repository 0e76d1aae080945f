/**
 * What people see when an application asks them, for its developer. Below, `.../own` is both addresses of
 * own-site.ts.
 *
 *   GET .../own/:client/preview?role=  as somebody with this role in an organization of their own
 *
 * It is the consent page itself, about a person who is not there (imagined-person.ts); it has no form, so
 * nothing on it can be sent, and nothing is stored.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { formatAskedScope, parseAskedScope } from '../../consent/asked-scope.ts';
import { proposePage } from '../../consent/page.ts';
import type { Messages } from '../../lib/messages.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import {
  baseRoles,
  databaseRoles,
  defaultBaseRole,
  memberRole,
  organizationRoles,
  roleName,
} from '../../members/roles.ts';
import type { Owned } from '../../portal/own-applications.ts';
import { asImaginedPerson, type ImaginedRoles } from '../../storage/people/imagined-person.ts';
import { drawConsent } from '../consent/draw-consent.ts';
import { ownOf } from './own-pages.ts';
import { enter, notThere, ownPaths, type PortalParts, page } from './own-site.ts';

/** The routes of the preview. */
export function consentPreviewRoutes(parts: PortalParts): Router {
  const router = strictRouter();
  for (const path of ownPaths) {
    router.get(
      `${path}/:client/preview`,
      page((ctx) => open(parts, ctx)),
    );
  }
  return router;
}

/** What can be chosen, by the role's id; a role on a database is that of a member without any other. */
const choices: ReadonlyMap<string, ImaginedRoles> = new Map([
  ...organizationRoles.map((role): [string, ImaginedRoles] => [
    role,
    { role, baseRole: defaultBaseRole, databaseRole: undefined },
  ]),
  ...databaseRoles.map((databaseRole): [string, ImaginedRoles] => [
    databaseRole,
    { role: memberRole, baseRole: baseRoles[0] ?? defaultBaseRole, databaseRole },
  ]),
]);

const example = { name: 'Alex Kim', email: 'alex@example.com' };
const firstSearch = { text: '', page: 0 };
/** Everybody is asked who they are; what an application registered is the most that it may ask for. */
const openid = ['openid', 'profile', 'email'];

async function open(parts: PortalParts, ctx: Koa.Context): Promise<void> {
  const visit = await enter(parts, ctx);
  if (visit === undefined) return;
  const client = await ownOf(parts, ctx, visit);
  const chosen = ctx.URL.searchParams.get('role') ?? memberRole;
  const roles = choices.get(chosen);
  if (roles === undefined) throw notThere();
  const path = `${visit.site.path}/${client.id}`;
  const t = parts.messagesOf(ctx);
  const name = t.text('own-app-preview.organization');
  await asImaginedPerson(parts.db, roles, name, async (tx, accountId) => {
    const asked = askedBy(client);
    const who = { accountId, clientId: client.id, asked, isReview: false };
    const request = { ...who, search: firstSearch, choice: undefined };
    const proposed = await proposePage(tx, request);
    if (proposed === undefined) throw notThere();
    await drawConsent({ ...parts, db: tx }, ctx, proposed, {
      search: firstSearch,
      request,
      token: '',
      account: example,
      uid: '',
      redirectUri: client.redirectUris[0] ?? '',
      preview: { path, roles: roleOptions(t, chosen), viewer: visit.account },
    });
  });
}

function askedBy({ scope }: Owned): string {
  const { scopes } = parseAskedScope(scope);
  return formatAskedScope({ openid, scopes });
}

function roleOptions(t: Messages, chosen: string) {
  const option = (role: string) => ({
    value: role,
    name: roleName(role, t.locale),
    isChosen: role === chosen,
  });
  return [
    { label: t.text('own-app-preview.in-organization'), options: organizationRoles.map(option) },
    { label: t.text('own-app-preview.on-database'), options: databaseRoles.map(option) },
  ];
}
