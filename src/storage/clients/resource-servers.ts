/**
 * Resource servers by the address under which tokens are asked for, and the scopes that they accept.
 *
 * Source: migrations/20261128210900-one-audience.ts, migrations/20261129091200-accepted-scopes.ts,
 * migrations/20261129092500-resource-server-origins.ts.
 *
 * @module
 */

import { emptySet, formatScope, parseScopeSet } from '../../catalogue/scope-set.ts';
import type { AcceptedScopes } from '../../clients/accepted-scopes.ts';
import {
  acceptedInside,
  areAmbiguous,
  type CarriedLevel,
  fitAddress,
  isPattern,
  levelOf,
  type Slugs,
} from '../../clients/address-patterns.ts';
import { inOneSpelling } from '../../clients/resource-indicators.ts';
import { type Db, statement } from '../engine/database.ts';
import type { NamedPath } from '../tree/resource-lookup.ts';

/** A resource that tokens can be asked for. */
export interface RegisteredResource extends AcceptedScopes {
  /** The address as it is registered, with the slugs of its resource: `aud` of the tokens. */
  readonly audience: string;
  /** Undefined of Usher's own API. */
  readonly name: string | undefined;
  /** The resource that the address names; undefined of one that names none. */
  readonly addressed: AddressedResource | undefined;
}

/** A resource as an address names it; whether there is one is not asked here. */
export interface AddressedResource {
  readonly path: NamedPath;
  readonly level: CarriedLevel;
  /** The organization that it must be in: that of the resource server; undefined of the platform's. */
  readonly organizationId: string | undefined;
}

/** What is selected of the scopes. */
export interface AcceptedRow {
  accepted_scope: string | null;
  default_scope: string | null;
}

interface Row extends AcceptedRow {
  audience: string;
  name: string;
  owner_organization_id: string | null;
}

const origin = `substring(audience from '^[^:]+://[^/?#]+')`;

/** The very one first: no pattern fits an address that is registered as well. */
const select = statement(`
  select audience, name, owner_organization_id, accepted_scope, default_scope from clients
  where regexp_replace(audience, '/$', '') = $1
    or ${origin} = substring($1 from '^[^:]+://[^/?#]+') and audience like '%{%'
  order by regexp_replace(audience, '/$', '') <> $1, audience`);
const holdOrigin = statement(
  `select pg_advisory_xact_lock(hashtext(substring($1 from '^[^:]+://[^/?#]+')))`,
);
const selectAt = statement(
  `select audience from clients where ${origin} = substring($1 from '^[^:]+://[^/?#]+')`,
);
const selectOf = statement(`
  select accepted_scope, default_scope from clients
  where id = $1 and resource_server is not null`);
const update = statement(
  'update clients set accepted_scope = $2, default_scope = $3 where id = $1',
);

/** @returns the resource server that a resource indicator (RFC 8707) names; undefined for none. */
export async function findResourceServer(
  db: Db,
  indicator: string,
): Promise<RegisteredResource | undefined> {
  if (indicator.includes('\0')) return undefined; // PostgreSQL's text has no such character
  const named = inOneSpelling(indicator);
  for (const row of await db.query<Row>(select, [named])) {
    const { audience, name } = row;
    if (inOneSpelling(audience) === named && !isPattern(audience)) {
      return { audience, name, addressed: undefined, ...toAccepted(row) };
    }
    const fitting = fitAddress(audience, indicator);
    if (fitting !== undefined) {
      const accepted = acceptedInside(audience, toAccepted(row));
      return {
        audience: fitting.audience,
        name,
        addressed: toAddressed(row, fitting.slugs),
        ...accepted,
      };
    }
  }
  return undefined;
}

function toAddressed(
  { audience, owner_organization_id: owner }: Row,
  slugs: Slugs,
): AddressedResource {
  const { organization, database, branch } = slugs;
  const path = {
    organization: organization === undefined ? { id: owner ?? undefined } : { slug: organization },
    database: { slug: database },
    branch: { slug: branch },
    team: {},
  };
  return { path, level: levelOf(audience) ?? 'organization', organizationId: owner ?? undefined };
}

/**
 * Whoever asks holds the origin of the address until the transaction ends, so that of two who register
 * at once one is second.
 *
 * @returns the registered address that a request could mean as well as this one; undefined for none, and
 *   for the very same, which nothing lets in a second time.
 */
export async function findAmbiguous(tx: Db, address: string): Promise<string | undefined> {
  await tx.query(holdOrigin, [address]);
  const registered = await tx.query<{ audience: string }>(selectAt, [address]);
  const same = inOneSpelling(address);
  return registered
    .map(({ audience }) => audience)
    .find((audience) => inOneSpelling(audience) !== same && areAmbiguous(audience, address));
}

/** @returns what a resource server accepts; undefined where there is no such one. */
export async function findAcceptedScopes(db: Db, id: string): Promise<AcceptedScopes | undefined> {
  const [row] = await db.query<AcceptedRow>(selectOf, [id]);
  return row && toAccepted(row);
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

/** @returns the scopes of a row. */
export function toAccepted({ accepted_scope, default_scope }: AcceptedRow): AcceptedScopes {
  if (accepted_scope === null) return { accepted: undefined, usual: emptySet };
  const accepted = parseScopeSet(accepted_scope);
  return { accepted, usual: default_scope === null ? accepted : parseScopeSet(default_scope) };
}
