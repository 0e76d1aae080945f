/**
 * Where the pages of developers are: one's own applications, and those of an organization.
 *
 *   /account/applications/own
 *   /organizations/:slug/applications/own
 *
 * @module
 */

import type Koa from 'koa';
import { RefusedError } from '../../organizations/refusals.ts';
import type { FlowRecord } from '../../portal/flow-record.ts';
import type { OwnApplicationIds, Owner } from '../../portal/owner.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { listOrganizations } from '../../storage/tree/organizations.ts';
import { PageError } from '../page/page-error.ts';
import {
  accountOfForm,
  accountOrSignIn,
  type PageParts,
  type Sender,
  type SignedIn,
} from '../page/page-parts.ts';
import type { AroundOrganization } from '../page/render-page.ts';

/** What the pages of developers are made with. */
export interface PortalParts extends PageParts {
  readonly isProduction: boolean;
  /** Undefined where the platform has a console of its own, to which none of ours leads. */
  readonly aroundOrganization: AroundOrganization | undefined;
  /** Of what happens to applications. */
  readonly record: Pick<FlowRecord, 'flush'>;
}

/** The address of a person's own. */
export const personalPath = '/account/applications/own';
/** The addresses of both, for routes. */
export const ownPaths = [personalPath, '/organizations/:slug/applications/own'] as const;

/** The address of an organization's. */
export const organizationPath = (slug: string) => `/organizations/${slug}/applications/own`;

/** Whose applications a page is about. */
export interface OwnSite {
  readonly owner: Owner;
  /** The address of the list. */
  readonly path: string;
  /** Undefined: the person's own. */
  readonly organization: { readonly slug: string; readonly name: string } | undefined;
}

/** Who looks, and at whose applications. */
export type Visit = SignedIn & { readonly site: OwnSite };
/** Who sends a form, and about whose applications. */
export type Sending = Sender & { readonly site: OwnSite };

/** What could not be done. */
export interface Refusal {
  /** The form, or the field of one, that it was. */
  readonly of: 'secret' | 'manager' | 'jwks' | 'jwksUri' | 'proof' | 'domain' | 'logo';
  /** What is said, whole. */
  readonly text: string;
  /** What was typed. */
  readonly typed: string;
  /** What was typed as the address of keys. */
  readonly typedUri?: string;
  /** What was found instead. */
  readonly found?: readonly string[];
}

/** The ids of one application, for the use cases. */
export function idsOf({ owner }: OwnSite, clientId: string): OwnApplicationIds {
  return { owner, clientId };
}

/** @returns undefined when the answer is already made. @throws {PageError} 404. */
export async function enter(parts: PortalParts, ctx: Koa.Context): Promise<Visit | undefined> {
  const signedIn = await accountOrSignIn(parts, ctx);
  return signedIn && { ...signedIn, site: await siteOf(parts, ctx, signedIn.account) };
}

/** @throws {PageError} 403: nobody is signed in; 404. */
export async function enterByForm(parts: PortalParts, ctx: Koa.Context): Promise<Sending> {
  const sender = await accountOfForm(parts, ctx);
  return { ...sender, site: await siteOf(parts, ctx, sender.account) };
}

/** What a page does, with what its use cases refuse as an error of pages. */
export function page(open: (ctx: Koa.Context) => Promise<void> | void) {
  return async (ctx: Koa.Context): Promise<void> => {
    try {
      await open(ctx);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.refusal.code === 'not_found') throw notThere();
      if (error.refusal.code !== 'forbidden') throw error;
      throw new PageError(403, { what: 'own-apps.forbidden', next: 'own-apps.forbidden-next' });
    }
  };
}

/** An application that is not there, or not theirs. */
export function notThere(): PageError {
  return new PageError(404, { what: 'own-apps.unknown', next: 'own-apps.unknown-next' });
}

async function siteOf(parts: PortalParts, ctx: Koa.Context, account: Account): Promise<OwnSite> {
  const { id: accountId } = account;
  const actor = { accountId, via: { kind: 'session' }, origin: parts.originOf(ctx) } as const;
  const slug = ctx['params'].slug;
  if (slug === undefined) return { owner: { actor }, path: personalPath, organization: undefined };
  const part = { limit: 1, after: undefined };
  const [found] = await listOrganizations(parts.db, accountId, { slug }, part);
  if (found === undefined) {
    throw new PageError(404, { what: 'own-apps.no-organization', next: 'own-apps.unknown-next' });
  }
  await parts.aroundOrganization?.(ctx, account, slug);
  const { id: organizationId, name } = found.item;
  const organization = { slug, name };
  return { owner: { actor, organizationId }, path: organizationPath(slug), organization };
}
