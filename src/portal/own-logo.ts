/**
 * The logo of an application, uploaded by whoever looks after it.
 *
 * @module
 */

import { sha256 } from '../lib/secrets.ts';
import { deleteLogo, saveLogo } from '../storage/clients/client-logos.ts';
import { findOwnClient, holdOwnClient, type OwnClient } from '../storage/clients/own-clients.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { countAttempt } from '../storage/people/attempt-counters.ts';
import { type LogoFault, makeLogo } from './logo-image.ts';
import { changeOwned, findForChange, idOf, type OwnApplicationIds } from './owner.ts';

/** How giving or taking a logo went. */
export type LogoOutcome =
  | { readonly outcome: 'changed'; readonly client: OwnClient }
  | { readonly outcome: 'refused'; readonly reason: LogoFault }
  /** Too many files in an hour. */
  | { readonly outcome: 'too_often' }
  | { readonly outcome: 'unknown' };

/** How many files an hour are decoded for one application. */
const maxFiles = 60;
const windowSeconds = 60 * 60;

/**
 * Gives an application a logo made of the file.
 *
 * @throws {RefusedError} `forbidden`, `not_found`.
 */
export async function giveLogo(
  work: Work,
  ids: OwnApplicationIds,
  file: Buffer,
): Promise<LogoOutcome> {
  const client = await findForChange(work.plain, ids); // nobody else has a file decoded
  if (client === undefined) return { outcome: 'unknown' };
  const bucket = sha256(JSON.stringify(['logo', client.id]));
  const { attempts } = await countAttempt(work.plain, bucket, windowSeconds);
  if (attempts > maxFiles) return { outcome: 'too_often' };
  const made = await makeLogo(file);
  if (made.outcome === 'refused') return made;
  return change(work, ids, made.logo.digest, (tx) => saveLogo(tx, client.id, made.logo));
}

/** Takes the logo of an application. @throws {RefusedError} as giveLogo. */
export function takeLogo(work: Work, ids: OwnApplicationIds): Promise<LogoOutcome> {
  return change(work, ids, undefined, (tx) => deleteLogo(tx, ids.clientId));
}

function change(
  work: Work,
  ids: OwnApplicationIds,
  digest: string | undefined,
  write: (tx: Db) => Promise<void>,
): Promise<LogoOutcome> {
  const owner = idOf(ids.owner);
  return changeOwned<LogoOutcome>(work, ids, 'application.updated', async (tx) => {
    const before = await holdOwnClient(tx, owner, ids.clientId);
    if (before === undefined) return { result: { outcome: 'unknown' } };
    await write(tx);
    const client = (await findOwnClient(tx, owner, ids.clientId)) ?? before;
    return {
      result: { outcome: 'changed', client },
      before: { logo: before.logo ?? null },
      after: { logo: digest ?? null },
    };
  });
}
