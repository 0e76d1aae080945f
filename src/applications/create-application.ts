/**
 * Operators register applications. The metadata is checked as that of one that registers itself; an
 * operator vouches for this one.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { newId } from '../lib/ids.ts';
import { saveClient } from '../storage/clients/clients.ts';
import { brokeConstraint, type Database } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';
import { fromMetadata, printMetadata } from './metadata-mapping.ts';
import { checkMetadata } from './register.ts';
import { issueSecret, needsSecret } from './registration-credentials.ts';

/** An application to be made. */
export interface NewApplication {
  /** Under the names of RFC 7591; anything. */
  readonly metadata: unknown;
  readonly production: boolean;
  /** The organization that owns it; undefined for one of the platform. */
  readonly organizationId: string | undefined;
}

export type ApplicationOutcome =
  /** `secret` is shown here and never again; undefined for a public client. */
  | { readonly outcome: 'created'; readonly client: Client; readonly secret: string | undefined }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'unknown_organization' }
  | NotAllowed;

/** Makes an application, with a secret where it authenticates with one. */
export async function createApplication(
  database: Database,
  actor: Actor,
  { metadata, production, organizationId }: NewApplication,
): Promise<ApplicationOutcome> {
  const checked = checkMetadata(metadata, production);
  if (checked.outcome === 'refused') return { outcome: 'refused', reason: checked.description };
  const id = `app_${newId().replaceAll('-', '')}`;
  const owner = organizationId === undefined ? {} : { ownerOrganizationId: organizationId };
  const act = { action: 'application.created', subject: id };
  try {
    return await asOperator<ApplicationOutcome>(database, actor, act, async (tx, record) => {
      const client = await saveClient(tx, {
        ...fromMetadata(checked.metadata),
        ...owner,
        id,
        status: 'active',
        dynamic: false,
        resourceServer: undefined,
        requiresResource: false,
      });
      const secret = needsSecret(client.authMethod) ? await issueSecret(tx, id) : undefined;
      await record({ organizationId, actorClientId: id, after: printMetadata(client) });
      return { outcome: 'created', client, secret };
    });
  } catch (error) {
    if (!brokeConstraint(error, 'clients_owner_organization_id_fkey')) throw error;
    return { outcome: 'unknown_organization' };
  }
}
