/**
 * Operators register resource servers: those who ask what a token may do. No application can make
 * itself one.
 *
 * Source: RFC 7662 section 4 (who may introspect), RFC 8707 section 2 (resource indicators).
 *
 * @module
 */

import { readAddress } from '../clients/addresses.ts';
import type { Client, ResourceServer } from '../clients/client.ts';
import { checkClientName } from '../clients/client-names.ts';
import { newId } from '../lib/ids.ts';
import { saveClient } from '../storage/clients/clients.ts';
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
}

export type ResourceServerOutcome =
  /** `secret` is told here and never again. */
  | { readonly outcome: 'created'; readonly client: Client; readonly secret: string }
  | { readonly outcome: 'refused'; readonly field: 'name' | 'audience'; readonly reason: string }
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
  const fault = wanted.audience === undefined ? undefined : readAddress(wanted.audience);
  if (typeof fault === 'string') return { outcome: 'refused', field: 'audience', reason: fault };
  try {
    return await create(database, actor, { ...wanted, name: checked.name });
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
): Promise<ResourceServerOutcome> {
  const id = `rs_${newId().replaceAll('-', '')}`;
  const owner = kind.kind === 'organization' ? { ownerOrganizationId: kind.organizationId } : {};
  const act = { action: 'resource_server.created', subject: id };
  return asOperator<ResourceServerOutcome>(database, actor, act, async (tx, record) => {
    const client = await saveClient(tx, {
      ...inert,
      ...owner,
      ...(audience === undefined ? {} : { audience }),
      id,
      name,
      resourceServer: kind,
      requiresResource,
    });
    const secret = await issueSecret(tx, id);
    const after = { name, kind: kind.kind, audience, requires_resource: requiresResource };
    await record({ organizationId: client.ownerOrganizationId, after });
    return { outcome: 'created', client, secret };
  });
}

/** A resource server asks nobody for anything. */
const inert = {
  applicationType: 'web',
  authMethod: 'client_secret_basic',
  redirectUris: [],
  grantTypes: [],
  scope: '',
  status: 'active',
  dynamic: false,
  dpopBoundAccessTokens: false,
  idTokenSignedResponseAlg: 'RS256',
} as const;
