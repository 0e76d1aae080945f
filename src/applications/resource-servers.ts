/**
 * Operators register resource servers: those who ask what a token may do. No application can make
 * itself one.
 *
 * Source: RFC 7662 section 4 (who may introspect), RFC 8707 section 2 (resource indicators).
 *
 * @module
 */

import { formatScope } from '../catalogue/scope-set.ts';
import { type AcceptedScopes, isFault, readAcceptedScopes } from '../clients/accepted-scopes.ts';
import { findScopeFault, isPattern, readResourceAddress } from '../clients/address-patterns.ts';
import type { Client, ResourceServer } from '../clients/client.ts';
import { checkClientName } from '../clients/client-names.ts';
import { inertClient } from '../clients/inert-client.ts';
import { newId } from '../lib/ids.ts';
import { saveClient } from '../storage/clients/clients.ts';
import { findAmbiguous, saveAcceptedScopes } from '../storage/clients/resource-servers.ts';
import { brokeConstraint, type Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';
import { issueSecret } from './registration-credentials.ts';

/** A resource server to be made. */
export interface NewResourceServer {
  readonly name: string;
  readonly kind: ResourceServer;
  /** The resource indicator under which applications may ask for tokens for it alone. */
  readonly audience?: string | undefined;
  /** It must name the resource when it introspects. */
  readonly requiresResource: boolean;
  /** The scopes that it accepts, space-delimited; undefined accepts all. */
  readonly scope?: string | undefined;
  /** Those that are asked for where a request names none: a part of `scope`, or undefined for all of it. */
  readonly defaultScope?: string | undefined;
}

export type ResourceServerOutcome =
  /** `secret` is shown here and never again. */
  | {
      readonly outcome: 'created';
      readonly client: Client;
      readonly secret: string;
      readonly scopes: AcceptedScopes;
    }
  | {
      readonly outcome: 'refused';
      readonly field: 'name' | 'audience' | 'scope' | 'default_scope';
      readonly reason: string;
    }
  | { readonly outcome: 'unknown_organization' | 'audience_taken' }
  | NotAllowed;

/** Makes a resource server with one secret. */
export async function createResourceServer(
  database: Database,
  actor: Actor,
  wanted: NewResourceServer,
): Promise<ResourceServerOutcome> {
  const checked = checkClientName(wanted.name);
  if (checked.outcome === 'refused') return { ...checked, field: 'name' };
  const { audience, kind } = wanted;
  const isInside = kind.kind === 'organization';
  const fault = audience === undefined ? undefined : readResourceAddress(audience, isInside);
  if (typeof fault === 'string') return { outcome: 'refused', field: 'audience', reason: fault };
  const scopes = readAcceptedScopes(wanted.scope, wanted.defaultScope);
  if (isFault(scopes)) return { outcome: 'refused', ...scopes };
  const misplaced = audience === undefined ? undefined : findScopeFault(audience, scopes);
  if (misplaced !== undefined) return { outcome: 'refused', ...misplaced };
  try {
    return await create(database, actor, { ...wanted, name: checked.name }, scopes);
  } catch (error) {
    if (audienceConstraints.some((name) => brokeConstraint(error, name))) {
      return { outcome: 'audience_taken' };
    }
    if (brokeConstraint(error, 'clients_owner_organization_id_fkey')) {
      return { outcome: 'unknown_organization' };
    }
    throw error;
  }
}

/** The very same, and the same but for a slash at its end. */
const audienceConstraints = ['clients_audience_key', 'clients_one_audience'];

function create(
  database: Database,
  actor: Actor,
  { name, kind, audience, requiresResource }: NewResourceServer,
  scopes: AcceptedScopes,
): Promise<ResourceServerOutcome> {
  const id = `rs_${newId().replaceAll('-', '')}`;
  const owner = kind.kind === 'organization' ? { ownerOrganizationId: kind.organizationId } : {};
  const act = { action: 'resource_server.created', subject: id };
  return asOperator<ResourceServerOutcome>(database, actor, act, async (tx, record) => {
    const other = audience === undefined ? undefined : await findAmbiguous(tx, audience);
    if (other !== undefined) return refusedBeside(other);
    const client = await saveClient(tx, {
      ...inertClient,
      ...owner,
      ...(audience === undefined ? {} : { audience }),
      id,
      name,
      resourceServer: kind,
      requiresResource,
    });
    await saveAcceptedScopes(tx, id, scopes);
    const secret = await issueSecret(tx, id);
    const after = {
      name,
      kind: kind.kind,
      audience,
      requires_resource: requiresResource,
      ...printAcceptedScopes(scopes),
    };
    await record({ organizationId: client.ownerOrganizationId, after });
    return { outcome: 'created', client, secret, scopes };
  });
}

function refusedBeside(other: string): ResourceServerOutcome {
  const reason = isPattern(other)
    ? `must not fit ${other}, which is registered`
    : `must not fit what is registered already: ${other}`;
  return { outcome: 'refused', field: 'audience', reason };
}

/** As the audit trail and answers print them. */
export function printAcceptedScopes({ accepted, usual }: AcceptedScopes) {
  if (accepted === undefined) return {};
  return { scope: formatScope(accepted), default_scope: formatScope(usual) };
}
