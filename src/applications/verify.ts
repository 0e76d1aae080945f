/**
 * Operators vouch for applications that they have looked at, and take their word back.
 *
 * The word counts from the next question on, since every answer and every page reads it. It ends by
 * itself when people would see another application (replaced-metadata.ts). Of two whose names read alike
 * only one can have it: people trust it by its name.
 *
 * @module
 */

import { readsAs } from '../clients/reserved-names.ts';
import { holdClient } from '../storage/clients/clients.ts';
import {
  holdVerifiedNames,
  isVerifiedClient,
  setVerified,
  verifiedClients,
} from '../storage/clients/verified-clients.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { type Actor, asOperator, type NotAllowed } from './as-operator.ts';

export type VerifyOutcome =
  | { readonly outcome: 'changed' | 'unchanged' | 'unknown_application' }
  /** `reason` names the verified application that has the name. */
  | { readonly outcome: 'name_taken'; readonly reason: string }
  | NotAllowed;

/** Marks an application as looked at. */
export function verifyApplication(database: Database, actor: Actor, clientId: string) {
  return changeWord(database, actor, { clientId, isVerified: true });
}

/** Takes that back. */
export function unverifyApplication(database: Database, actor: Actor, clientId: string) {
  return changeWord(database, actor, { clientId, isVerified: false });
}

function changeWord(
  database: Database,
  actor: Actor,
  { clientId, isVerified }: { readonly clientId: string; readonly isVerified: boolean },
): Promise<VerifyOutcome> {
  const action = isVerified ? 'application.verified' : 'application.unverified';
  const act = { action, subject: clientId };
  return asOperator<VerifyOutcome>(database, actor, act, async (tx, record) => {
    const client = await holdClient(tx, clientId);
    if (client === undefined || client.resourceServer !== undefined) {
      return { outcome: 'unknown_application' };
    }
    if ((await isVerifiedClient(tx, clientId)) === isVerified) return { outcome: 'unchanged' };
    const reason = isVerified ? await whoseName(tx, client) : undefined;
    if (reason !== undefined) return { outcome: 'name_taken', reason };
    await setVerified(tx, clientId, isVerified);
    await record({
      actorClientId: clientId,
      organizationId: client.ownerOrganizationId,
      before: { verified: !isVerified },
      after: { verified: isVerified },
    });
    return { outcome: 'changed' };
  });
}

async function whoseName(
  tx: Db,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<string | undefined> {
  await holdVerifiedNames(tx);
  const others = await verifiedClients(tx);
  const twin = others.find((other) => other.id !== id && readsAs(other.name, name));
  return twin && `The name reads as that of a verified application, ${twin.name}, ${twin.id}`;
}
