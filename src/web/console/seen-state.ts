/**
 * Forms that change what their sender has seen: each carries a digest of the thing as it was shown. Where
 * somebody else has changed it since, nothing is done, and the sender is shown how it is now.
 *
 *   hold the organization -> is it as it was shown? -> the use case
 *
 * @module
 */

import { sha256 } from '../../lib/secrets.ts';
import { lockFor } from '../../organizations/rights.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import { workUnder } from '../../storage/engine/work.ts';
import type { ConsoleForm } from './console-page.ts';

/** It is not any more what the form was about. */
export class OutdatedError extends Error {
  override readonly name = 'OutdatedError';
}

/** The name of the form's field. */
export const seenField = 'seen';

/** @returns the value of the form's field. @param state what the form is about: plain values; undefined where it is gone. */
export function seenOf(state: unknown): string {
  return sha256(JSON.stringify(state) ?? 'gone')
    .subarray(0, 12)
    .toString('base64url');
}

/**
 * @param read gives the state, as the page gave it to `seenOf`.
 * @returns work for the use case. It throws {OutdatedError} where the state is another one.
 */
export function asSeen(form: ConsoleForm, read: (tx: Db) => Promise<unknown>): Work {
  return whileIt(form, async (tx) => seenOf(await read(tx)) === form.fields.get(seenField));
}

/**
 * @param holds whether what the form says without a field is still so.
 * @returns work for the use case. It throws {OutdatedError} where that is no longer so.
 */
export function whileIt(
  { sender, actor, here }: ConsoleForm,
  holds: (tx: Db) => Promise<boolean>,
): Work {
  return workUnder(sender.work, {
    before: async (tx) => {
      await lockFor(tx, actor, here.organization.id);
      if (!(await holds(tx))) throw new OutdatedError();
    },
  });
}
