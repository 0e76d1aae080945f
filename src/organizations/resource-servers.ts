/**
 * An organization registers its own resource servers: those that ask what a token may do on its
 * resources. Each sees its organization's part of a token, and nothing of the rest.
 *
 * The address never changes, since tokens carry it: one that moves is registered anew.
 *
 * Source: RFC 7662 section 4 (who may introspect), RFC 8707 section 2.
 *
 * @module
 */

import {
  emptySet,
  formatScope,
  intersect,
  isEmpty,
  isSubset,
  type ScopeSet,
} from '../catalogue/scope-set.ts';
import type { AcceptedScopes } from '../clients/accepted-scopes.ts';
import { findScopeFault } from '../clients/address-patterns.ts';
import { checkClientName } from '../clients/client-names.ts';
import { inertClient } from '../clients/inert-client.ts';
import { newId } from '../lib/ids.ts';
import { deleteClient, saveClient } from '../storage/clients/clients.ts';
import {
  countOwned,
  findOwned,
  type OwnedResourceServer,
  type ResourceServerIds,
  updateOwned,
} from '../storage/clients/organization-resource-servers.ts';
import { saveAcceptedScopes } from '../storage/clients/resource-servers.ts';
import type { Work } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import type { OrganizationAct } from './acts.ts';
import { changeInside } from './inside.ts';
import { conflict, found, invalid } from './refusals.ts';
import { checkAddress, requireOwnOrigin } from './resource-server-address.ts';
import { type Entrance, type InOrganization, inOrganization, leadingTo } from './rights.ts';

/** How many an organization may have. */
const mostResourceServers = 20;

/** What can change of a resource server; undefined leaves it as it is. */
export interface ResourceServerWish {
  readonly name?: string | undefined;
  readonly requiresResource?: boolean | undefined;
  /** Null accepts every scope. */
  readonly scopes?: ScopeSet | null | undefined;
  /** Null asks for all that it accepts. */
  readonly defaultScopes?: ScopeSet | null | undefined;
}

/** A resource server to be made. */
export interface NewOwnResourceServer extends ResourceServerWish {
  /** As made by the page of a form: sent twice, it is registered once. */
  readonly id?: string;
  readonly name: string;
  /** Undefined: it asks about tokens that are for no resource server alone. */
  readonly audience: string | undefined;
}

/**
 * Registers a resource server, which has no secret yet.
 *
 * @param issuer without a slash at the end.
 * @throws {RefusedError} `invalid`; `conflict` address_taken, too_many; `forbidden`; `not_found`.
 */
export async function createOwnResourceServer(
  work: Work,
  actor: Actor,
  { organizationId, issuer }: { readonly organizationId: string; readonly issuer: string },
  wish: NewOwnResourceServer,
): Promise<OwnedResourceServer> {
  const name = checkName(wish.name);
  const { audience, requiresResource = false } = wish;
  if (audience !== undefined) checkAddress(audience, issuer);
  const scopes = acceptedBy({ accepted: undefined, usual: emptySet }, wish);
  checkScopes(audience, scopes);
  const resourceServerId = wish.id ?? `rs_${newId().replaceAll('-', '')}`;
  const entrance = inOrganization(actor, 'resource_server.created', { organizationId });
  return changeInside(work, entrance, resourceServerId, async (tx) => {
    const before = await findOwned(tx, { organizationId, resourceServerId });
    if (before !== undefined) return { result: before };
    if ((await countOwned(tx, organizationId)) >= mostResourceServers) throw conflict('too_many');
    if (audience !== undefined) await requireOwnOrigin(tx, audience, organizationId);
    await saveClient(tx, {
      ...inertClient,
      id: resourceServerId,
      name,
      ownerOrganizationId: organizationId,
      resourceServer: { kind: 'organization', organizationId },
      requiresResource,
      ...(audience === undefined ? {} : { audience }),
    });
    await saveAcceptedScopes(tx, resourceServerId, scopes);
    const result = found(await findOwned(tx, { organizationId, resourceServerId }));
    return { result, after: shown(result) };
  });
}

/**
 * Changes what is said to be changed.
 *
 * @throws {RefusedError} `invalid`; `forbidden`; `not_found`.
 */
export async function changeOwnResourceServer(
  work: Work,
  actor: Actor,
  at: ResourceServerIds,
  wish: ResourceServerWish,
): Promise<OwnedResourceServer> {
  const name = wish.name === undefined ? undefined : checkName(wish.name);
  const entrance = inResourceServer(actor, 'resource_server.changed', at);
  return changeInside(work, entrance, at.resourceServerId, async (tx, { resourceServer }) => {
    const scopes = acceptedBy(resourceServer, wish);
    checkScopes(resourceServer.audience, scopes);
    const result = {
      ...resourceServer,
      ...(name !== undefined && { name }),
      requiresResource: wish.requiresResource ?? resourceServer.requiresResource,
      ...scopes,
    };
    await updateOwned(tx, result);
    await saveAcceptedScopes(tx, result.id, result);
    return { result, before: shown(resourceServer), after: shown(result) };
  });
}

/**
 * Deletes a resource server with its secrets. Tokens for its address are of no use from then on.
 *
 * @throws {RefusedError} `forbidden`; `not_found`.
 */
export function deleteOwnResourceServer(
  work: Work,
  actor: Actor,
  at: ResourceServerIds,
): Promise<void> {
  const entrance = inResourceServer(actor, 'resource_server.deleted', at);
  return changeInside(work, entrance, at.resourceServerId, async (tx, { resourceServer }) => {
    await deleteClient(tx, resourceServer.id);
    return { result: undefined, before: shown(resourceServer) };
  });
}

/** Into one resource server; `not_found` where the organization has no such one. */
export function inResourceServer(
  actor: Actor,
  act: OrganizationAct,
  at: ResourceServerIds & { readonly secretId?: string },
): Entrance<InOrganization & { readonly resourceServer: OwnedResourceServer }> {
  return leadingTo(inOrganization(actor, act, at), async (tx) => ({
    resourceServer: found(await findOwned(tx, at)),
  }));
}

function checkName(text: string): string {
  const checked = checkClientName(text);
  if (checked.outcome === 'accepted') return checked.name;
  throw invalid({ field: 'name', message: checked.reason });
}

/** @throws {RefusedError} `invalid`: the default is no part of what is accepted. */
function acceptedBy(
  before: AcceptedScopes,
  { scopes, defaultScopes }: ResourceServerWish,
): AcceptedScopes {
  const accepted = scopes === undefined ? before.accepted : (scopes ?? undefined);
  if (accepted === undefined) {
    if (defaultScopes) throw invalid({ field: 'default_scopes', message: 'needs scopes as well' });
    return { accepted, usual: emptySet };
  }
  if (isEmpty(accepted)) throw invalid({ field: 'scopes', message: 'must not be empty' });
  const kept = scopes === undefined ? before.usual : intersect(before.usual, accepted);
  const usual = defaultScopes === undefined ? kept : (defaultScopes ?? accepted);
  if (!isSubset(usual, accepted)) {
    throw invalid({ field: 'default_scopes', message: 'must be a part of scopes' });
  }
  return { accepted, usual: isEmpty(usual) ? accepted : usual };
}

/** @throws {RefusedError} `invalid`: none of the scopes can hold for the resource in the address. */
function checkScopes(audience: string | undefined, scopes: AcceptedScopes): void {
  const fault = audience === undefined ? undefined : findScopeFault(audience, scopes);
  if (fault === undefined) return;
  const field = fault.field === 'scope' ? 'scopes' : 'default_scopes';
  throw invalid({ field, message: fault.reason });
}

function shown({ name, audience, requiresResource, accepted, usual }: OwnedResourceServer) {
  return {
    name,
    audience: audience ?? null,
    requires_resource: requiresResource,
    scope: accepted === undefined ? null : formatScope(accepted),
    default_scope: accepted === undefined ? null : formatScope(usual),
  };
}
