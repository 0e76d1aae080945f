/**
 * The frame of the console: which organization, as whom; the navigation around every page; and what the
 * form before has done.
 *
 * @module
 */

import type Koa from 'koa';
import { type IdKind, parseId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import type { OrganizationAct } from '../../organizations/acts.ts';
import { mayDo } from '../../organizations/rights.ts';
import { type OwnOrganization, ownOrganizations } from '../../storage/tree/organizations.ts';
import { readKeptForm } from '../page/kept-form.ts';
import { PageError } from '../page/page-error.ts';
import type { SignedIn } from '../page/page-parts.ts';
import { keepSurroundings } from '../page/render-page.ts';
import { baseOf } from './addresses.ts';
import {
  type ConsoleOrganization,
  type ConsoleParts,
  type ConsoleRequest,
  type Section,
  sections,
} from './console-page.ts';
import { readDeed } from './deeds.ts';
import { nothingThere } from './refusal-texts.ts';

/** As many as the menu of organizations holds, with the one that is open. */
export const mostInMenu = 12;

/**
 * Finds the organization of the address, with the person's role there now: one statement, one moment.
 *
 * @throws {PageError} 404: there is none of that slug, or the person is not in it; 403: it is suspended.
 */
export async function enter(
  parts: ConsoleParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  section: Section,
): Promise<ConsoleRequest> {
  const { id: accountId } = signedIn.account;
  const slug: string = ctx['params'].slug ?? '';
  const [first, ...others] = await ownOrganizations(parts.db, accountId, slug, mostInMenu);
  if (first?.organization.slug !== slug) throw nothingThere();
  const { name, suspendedFor: reason } = first.organization;
  if (reason !== undefined) {
    const values = { name, reason };
    throw new PageError(403, { what: 'console.suspended', next: 'console.suspended-next', values });
  }
  const actor = { accountId, via: { kind: 'session' }, origin: parts.originOf(ctx) } as const;
  const here = toConsoleOrganization(first, others);
  const bar = () => barOf(parts.messagesOf(ctx), parts.offered, here, section);
  keepSurroundings(ctx, { account: signedIn.account, console: bar });
  return { ctx, signedIn, section, actor, here };
}

/** @returns the same request, with the organization as it is now: after a form that came too late. */
export async function enterAgain<Request extends ConsoleRequest>(
  parts: ConsoleParts,
  request: Request,
): Promise<Request> {
  const { here } = await enter(parts, request.ctx, request.signedIn, request.section);
  return { ...request, here };
}

/** @returns an organization as somebody in it sees it; `others`: those that they are in beside it. */
export function toConsoleOrganization(
  own: OwnOrganization,
  others: readonly OwnOrganization[],
): ConsoleOrganization {
  const { organization, role } = own;
  const membership = { organizationRole: role, baseRole: organization.baseRole };
  return {
    ...own,
    others,
    base: baseOf(organization.slug),
    may: (act) => mayDo(membership, act),
  };
}

/** @returns the id that a part of the address prints. @throws {PageError} 404: it prints none. */
export function idAt({ ctx }: ConsoleRequest, kind: IdKind, name: string): string {
  const id = parseId(kind, ctx['params'][name] ?? '');
  if (id === undefined) throw nothingThere();
  return id;
}

/** A form belongs to one organization, whatever its slug leads to by then, and to one address in it. */
export const bindingOf = (organizationId: string, path: string, accountId: string) => ({
  purpose: `console:${organizationId}:${path}`,
  accountId,
});

/** What a page of the console shows. */
export interface ConsoleLocals {
  readonly title: string;
  readonly section: Section;
  readonly [name: string]: unknown;
}

/**
 * Shows a page inside the frame. Its view has, beside its own values, `base`, the address of the
 * organization's pages, `may(act)`, `hrefOf(section)`, and `form('/members')`: address and token of a form, for the parts `form` and
 * `confirm`.
 */
export function showConsole(
  parts: ConsoleParts,
  request: ConsoleRequest,
  view: string,
  locals: ConsoleLocals,
): void {
  const { ctx, signedIn, here } = request;
  const { account } = signedIn;
  const t = parts.messagesOf(ctx);
  const { base, organization } = here;
  const form = (path: string) => ({
    action: base + path,
    token: parts.formTokens.issue(ctx, bindingOf(organization.id, path, account.id)),
  });
  parts.renderPage(ctx, view, {
    isConsole: true,
    ...locals,
    account,
    base,
    form,
    may: here.may,
    hrefOf: (section: Section) => hrefOf(parts.offered, here, section),
    console: barOf(t, parts.offered, here, locals.section),
    deed: readDeed(parts, request, form),
    keptForm: readKeptForm(ctx, {
      key: parts.consoleKey,
      check: (path, token) =>
        parts.formTokens.check(ctx, bindingOf(organization.id, path, account.id), token),
      form,
    }),
  });
}

/** What a section needs, and its name. */
const menu: Readonly<Record<Section, readonly [path: string, act: OrganizationAct, name: string]>> =
  {
    overview: ['', 'organization.read', 'console.overview'],
    members: ['/members', 'members.read', 'console.members'],
    teams: ['/teams', 'teams.read', 'console.teams'],
    databases: ['/databases', 'databases.read', 'console.databases'],
    applications: ['/applications', 'application_approvals.read', 'console.applications'],
    why: ['/why', 'organization.read', 'console.why'],
    'audit-log': ['/audit', 'audit_log.read', 'console.audit-log'],
    settings: ['/settings', 'organization.renamed', 'console.settings'],
  };

/** @returns the sections whose first page is there. */
export function sectionsOf(
  pages: readonly { readonly path: string; readonly method: string }[],
): ReadonlySet<Section> {
  const paths = new Set(pages.filter(({ method }) => method === 'GET').map(({ path }) => path));
  return new Set(sections.filter((section) => paths.has(menu[section][0])));
}

/** @returns the first page of a section; undefined where there is none for this person. */
function hrefOf(
  offered: ReadonlySet<Section>,
  { base, may }: ConsoleOrganization,
  section: Section,
): string | undefined {
  const [path, act] = menu[section];
  return offered.has(section) && may(act) ? base + path : undefined;
}

/** @returns the bar of an organization, as parts/console-bar.ejs wants it. */
export function barOf(
  t: Messages,
  offered: ReadonlySet<Section>,
  here: ConsoleOrganization,
  section: Section,
) {
  const { organization, others } = here;
  return {
    name: organization.name,
    others: others.map(({ organization: { name, slug } }) => ({ name, href: baseOf(slug) })),
    links: sections.flatMap((one) => {
      const href = hrefOf(offered, here, one);
      return href === undefined
        ? []
        : [{ href, label: t.text(menu[one][2]), isHere: one === section }];
    }),
  };
}
