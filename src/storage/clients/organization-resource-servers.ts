/**
 * The resource servers of one organization, as it looks after them itself.
 *
 * Source: migrations/20261122001000-clients.ts, migrations/20261129092500-resource-server-origins.ts.
 *
 * @module
 */

import type { AcceptedScopes } from '../../clients/accepted-scopes.ts';
import { type Db, statement } from '../engine/database.ts';
import type { Listed, Part } from '../engine/listed.ts';
import { type AcceptedRow, toAccepted } from './resource-servers.ts';

/** Which resource server, in which organization. */
export interface ResourceServerIds {
  readonly organizationId: string;
  readonly resourceServerId: string;
}

/** A resource server as its organization sees it. */
export interface OwnedResourceServer extends AcceptedScopes {
  readonly id: string;
  readonly name: string;
  /** Undefined: it asks about tokens that are for no resource server alone. */
  readonly audience: string | undefined;
  /** It must name the resource when it introspects. */
  readonly requiresResource: boolean;
  /** Only operators suspend, and reinstate. */
  readonly status: 'active' | 'suspended';
  readonly createdAt: Date;
}

interface Row extends AcceptedRow {
  id: string;
  name: string;
  audience: string | null;
  requires_resource: boolean;
  status: 'active' | 'suspended';
  created_at: Date;
}

const selected = `
  select k.id, k.name, k.audience, k.requires_resource, k.status, k.created_at, k.accepted_scope,
         k.default_scope
    from clients k where k.owner_organization_id = $1 and k.resource_server = 'organization'`;
const one = statement(`${selected} and k.id = $2`);
const list = statement(`${selected} and k.id > $2 order by k.id limit $3`);
const count = statement(`
  select count(*)::int as count from clients
  where owner_organization_id = $1 and resource_server = 'organization'`);
const update = statement('update clients set name = $2, requires_resource = $3 where id = $1');
const holdOrigin = statement('select pg_advisory_xact_lock(hashtext($1))');
const othersAt = statement(`
  select from clients
  where substring(audience from '^[^:]+://[^/?#]+') = $1
    and owner_organization_id is distinct from $2 limit 1`);

/** @returns undefined where the organization has no such resource server. */
export async function findOwned(
  db: Db,
  { organizationId, resourceServerId }: ResourceServerIds,
): Promise<OwnedResourceServer | undefined> {
  const [row] = await db.query<Row>(one, [organizationId, resourceServerId]);
  return row && toOwned(row);
}

/** @returns the resource servers of an organization, by id. */
export async function listOwned(
  db: Db,
  organizationId: string,
  { after, limit }: Part,
): Promise<Listed<OwnedResourceServer>[]> {
  const rows = await db.query<Row>(list, [organizationId, after?.[0] ?? '', limit]);
  return rows.map((row) => ({ position: [row.id], item: toOwned(row) }));
}

/** @returns how many resource servers an organization has. */
export async function countOwned(db: Db, organizationId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(count, [organizationId]);
  return row?.count ?? 0;
}

/** Changes what can change, but for the scopes. */
export async function updateOwned(
  tx: Db,
  { id, name, requiresResource }: OwnedResourceServer,
): Promise<void> {
  await tx.query(update, [id, name, requiresResource]);
}

/**
 * Whether a resource server of somebody else is at the origin. Who asks holds the origin until the
 * transaction ends, so that of two who come at once one is second.
 *
 * @param origin scheme, host and port.
 */
export async function isOthersOrigin(
  tx: Db,
  origin: string,
  organizationId: string,
): Promise<boolean> {
  await tx.query(holdOrigin, [origin]);
  return (await tx.query(othersAt, [origin, organizationId])).length === 1;
}

function toOwned(row: Row): OwnedResourceServer {
  return {
    id: row.id,
    name: row.name,
    audience: row.audience ?? undefined,
    requiresResource: row.requires_resource,
    status: row.status,
    createdAt: row.created_at,
    ...toAccepted(row),
  };
}
