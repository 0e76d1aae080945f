/**
 * The resource servers of an organization. A token reaches none of it.
 *
 * A secret is answered with 200: a 201 is kept to answer its idempotency key again, and nobody keeps a
 * secret.
 *
 * @module
 */

import type { z } from 'zod';
import { namesWithFormer, scopeSet } from '../../catalogue/scope-set.ts';
import type { ScopeName } from '../../catalogue/scopes.ts';
import { readInside } from '../../organizations/inside.ts';
import { found } from '../../organizations/refusals.ts';
import {
  addOwnSecret,
  deleteOwnSecret,
  listOwnSecrets,
} from '../../organizations/resource-server-secrets.ts';
import {
  changeOwnResourceServer,
  createOwnResourceServer,
  deleteOwnResourceServer,
  inResourceServer,
} from '../../organizations/resource-servers.ts';
import { inOrganization } from '../../organizations/rights.ts';
import type { ListedSecret } from '../../storage/clients/client-secrets.ts';
import {
  findOwned,
  listOwned,
  type OwnedResourceServer,
  type ResourceServerIds,
} from '../../storage/clients/organization-resource-servers.ts';
import type { Db } from '../../storage/engine/database.ts';
import { secretWish } from './owned-application-schemas.ts';
import * as schemas from './resource-server-schemas.ts';
import { listRoute, route } from './route.ts';

const servers = '/organizations/{organization}/resource-servers';
const server = `${servers}/{resource_server}` as const;
const secrets = `${server}/secrets` as const;

async function current(db: Db, at: ResourceServerIds) {
  const found = await findOwned(db, at);
  return found && print(found);
}

export const resourceServerRoutes = [
  listRoute({
    id: 'listResourceServers',
    address: `GET ${servers}`,
    summary: 'The resource servers that the organization registered, by id',
    act: 'resource_servers.read',
    item: schemas.resourceServer,
    select: ({ db, actor, at }, part) =>
      readInside(db, inOrganization(actor, 'resource_servers.read', at), (tx) =>
        listOwned(tx, at.organizationId, part),
      ),
    print,
  }),
  route({
    id: 'createResourceServer',
    address: `POST ${servers}`,
    summary: 'Register a resource server; then add a secret to it',
    description:
      "It learns of the organization's resources only, whatever else a token may do. Its address must be at a host where nobody else has a resource server. An organization has 20 at most.",
    act: 'resource_server.created',
    conflicts: ['address_taken', 'too_many'],
    body: schemas.newResourceServer,
    status: 201,
    answer: schemas.resourceServer,
    run: ({ work, actor, at: { organizationId }, body, issuer }) =>
      createOwnResourceServer(
        work,
        actor,
        { organizationId, issuer },
        { ...wishOf(body), name: body.name, audience: body.audience ?? undefined },
      ),
    print,
  }),
  route({
    id: 'readResourceServer',
    address: `GET ${server}`,
    summary: 'Read a resource server',
    act: 'resource_servers.read',
    answer: schemas.resourceServer,
    run: ({ db, actor, at }) =>
      readInside(
        db,
        inResourceServer(actor, 'resource_servers.read', at),
        async (_tx, here) => here.resourceServer,
      ),
    print,
  }),
  route({
    id: 'changeResourceServer',
    address: `PATCH ${server}`,
    summary: 'Change its name, and what it accepts; the address stays',
    act: 'resource_server.changed',
    body: schemas.resourceServerChange,
    answer: schemas.resourceServer,
    run: ({ work, actor, at, body }) => changeOwnResourceServer(work, actor, at, wishOf(body)),
    print,
    current,
  }),
  route({
    id: 'deleteResourceServer',
    address: `DELETE ${server}`,
    summary: 'Delete a resource server; tokens for its address are of no use then',
    act: 'resource_server.deleted',
    status: 204,
    run: ({ work, actor, at }) => deleteOwnResourceServer(work, actor, at),
    current,
  }),
  route({
    id: 'listResourceServerSecrets',
    address: `GET ${secrets}`,
    summary: 'When its secrets were made and last used, oldest first',
    act: 'resource_servers.read',
    answer: schemas.secrets,
    run: ({ db, actor, at }) => listOwnSecrets(db, actor, at),
    print: (listed) => ({ items: listed.map(printSecret) }),
  }),
  route({
    id: 'addResourceServerSecret',
    address: `POST ${secrets}`,
    summary: 'Add a secret, shown this once; those before it work on. It has five at most',
    act: 'resource_server.secret_added',
    conflicts: ['too_many'],
    body: secretWish,
    isBodyOptional: true,
    answer: schemas.madeSecret,
    run: ({ work, actor, at, body: { name, days } }) =>
      addOwnSecret(work, actor, at, { name, days: days ?? undefined }),
    print: ({ id, secret }, { at }) => ({
      id,
      client_id: at.resourceServerId,
      client_secret: found(secret), // its id is new, so it was made now
    }),
  }),
  route({
    id: 'deleteResourceServerSecret',
    address: `DELETE ${secrets}/{secret}`,
    summary: 'Delete a secret, at once',
    act: 'resource_server.secret_deleted',
    status: 204,
    run: ({ work, actor, at }) => deleteOwnSecret(work, actor, at),
  }),
];

function wishOf(body: z.output<typeof schemas.resourceServerChange>) {
  const { name, requires_resource: requiresResource } = body;
  return {
    name,
    requiresResource,
    scopes: setOf(body.scopes),
    defaultScopes: setOf(body.default_scopes),
  };
}

/** The schema has let through scopes of the catalogue alone. */
function setOf(names: readonly string[] | null | undefined) {
  return names ? scopeSet(names as readonly ScopeName[]) : names;
}

function print(of: OwnedResourceServer): z.input<typeof schemas.resourceServer> {
  const list = (set: OwnedResourceServer['usual']) =>
    of.accepted === undefined ? null : [...namesWithFormer(set)];
  return {
    id: of.id,
    name: of.name,
    audience: of.audience ?? null,
    scopes: list(of.accepted ?? of.usual),
    default_scopes: list(of.usual),
    requires_resource: of.requiresResource,
    status: of.status,
    created_at: of.createdAt.toISOString(),
  };
}

function printSecret(of: ListedSecret): z.input<typeof schemas.secrets>['items'][number] {
  return {
    id: of.id,
    name: of.name,
    created_at: of.createdAt.toISOString(),
    last_used_at: of.lastUsedAt?.toISOString() ?? null,
    expires_at: of.expiresAt?.toISOString() ?? null,
  };
}
