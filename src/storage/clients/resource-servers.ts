/**
 * Resource servers by the address under which tokens are asked for, and the scopes that they accept.
 *
 * Source: migrations/20261128210900-one-audience.ts, migrations/20261129091200-accepted-scopes.ts.
 *
 * @module
 */

import { emptySet, formatScope, parseScopeSet } from '../../catalogue/scope-set.ts';
import type { AcceptedScopes } from '../../clients/accepted-scopes.ts';
import { withoutSlash } from '../../clients/resource-indicators.ts';
import { type Db, statement } from '../engine/database.ts';

/** A resource that tokens can be asked for. */
export interface RegisteredResource extends AcceptedScopes {
  /** The address as it is registered: `aud` of the tokens. */
  readonly audience: string;
}

/** What is selected of the scopes. */
export interface AcceptedRow {
  accepted_scope: string | null;
  default_scope: string | null;
}

interface Row extends AcceptedRow {
  audience: string;
}

const select = statement(`
  select audience, accepted_scope, default_scope from clients
  where regexp_replace(audience, '/$', '') = $1`);
const update = statement(
  'update clients set accepted_scope = $2, default_scope = $3 where id = $1',
);

/** @returns the resource server that a resource indicator (RFC 8707) names; undefined for none. */
export async function findResourceServer(
  db: Db,
  indicator: string,
): Promise<RegisteredResource | undefined> {
  if (indicator.includes('\0')) return undefined; // PostgreSQL's text has no such character
  const [row] = await db.query<Row>(select, [withoutSlash(indicator)]);
  return row && { audience: row.audience, ...toAccepted(row) };
}

/** Keeps what a resource server accepts. */
export async function saveAcceptedScopes(
  db: Db,
  id: string,
  { accepted, usual }: AcceptedScopes,
): Promise<void> {
  const text = accepted === undefined ? null : formatScope(accepted);
  await db.query(update, [id, text, text === null ? null : formatScope(usual)]);
}

/** @returns the scopes that a row tells of. */
export function toAccepted({ accepted_scope, default_scope }: AcceptedRow): AcceptedScopes {
  if (accepted_scope === null) return { accepted: undefined, usual: emptySet };
  const accepted = parseScopeSet(accepted_scope);
  return { accepted, usual: default_scope === null ? accepted : parseScopeSet(default_scope) };
}
