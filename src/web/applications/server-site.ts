/**
 * Where the resource servers of an organization are in the portal, and who is there.
 *
 *   /organizations/:slug/applications/own/resource-servers
 *
 * Which act a role gives is asked in the transaction of each (organizations/resource-servers.ts).
 *
 * @module
 */

import type Koa from 'koa';
import type { Actor } from '../../organizations/actor.ts';
import { readInside } from '../../organizations/inside.ts';
import { RefusedError } from '../../organizations/refusals.ts';
import { inOrganization } from '../../organizations/rights.ts';
import {
  listOwned,
  type OwnedResourceServer,
  type ResourceServerIds,
} from '../../storage/clients/organization-resource-servers.ts';
import type { Database } from '../../storage/engine/database.ts';
import {
  enter,
  enterByForm,
  notThere,
  type OwnSite,
  organizationPath,
  type PortalParts,
  type Sending,
  type Visit,
} from './own-site.ts';

/** The address of the list, for routes. */
export const serversPath = `${organizationPath(':slug')}/resource-servers`;

/** Who acts, and in which organization. */
export interface ServerSite {
  readonly actor: Actor;
  readonly organizationId: string;
  /** The organization's applications, where its resource servers are listed, too. */
  readonly back: string;
  readonly path: string;
}

/** @throws {PageError} 404: of a person's own applications there are none. */
function serverSite({ owner, path }: OwnSite): ServerSite {
  if (owner.organizationId === undefined) throw notThere();
  const { actor, organizationId } = owner;
  return { actor, organizationId, back: path, path: `${path}/resource-servers` };
}

/** @returns undefined when the answer is already made. */
export async function enterServers(
  parts: PortalParts,
  ctx: Koa.Context,
): Promise<(Visit & { readonly at: ServerSite }) | undefined> {
  const visit = await enter(parts, ctx);
  return visit && { ...visit, at: serverSite(visit.site) };
}

/** As `enterServers`, by a form. */
export async function enterServersByForm(
  parts: PortalParts,
  ctx: Koa.Context,
): Promise<Sending & { readonly at: ServerSite }> {
  const sending = await enterByForm(parts, ctx);
  return { ...sending, at: serverSite(sending.site) };
}

/** The resource server that an address names, whether it is there or not. */
export function serverIds(ctx: Koa.Context, { organizationId }: ServerSite): ResourceServerIds {
  return { organizationId, resourceServerId: ctx['params'].server ?? '' };
}

/** A form serves one resource server; a new one's id is none that its reader chose. */
export const serverPurpose = (id: string) => `own-resource-server:${id}`;

const most = { after: undefined, limit: 100 }; // there are twenty at most

/** @returns the organization's, by name; undefined where the person has nothing to do with them. */
export async function serversFor(
  db: Database,
  { owner }: OwnSite,
): Promise<readonly OwnedResourceServer[] | undefined> {
  if (owner.organizationId === undefined) return undefined;
  const { organizationId, actor } = owner;
  const entrance = inOrganization(actor, 'resource_servers.read', { organizationId });
  try {
    const listed = await readInside(db, entrance, (tx) => listOwned(tx, organizationId, most));
    return listed.map(({ item }) => item).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.code === 'forbidden') return undefined;
    throw error;
  }
}
