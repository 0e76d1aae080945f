/**
 * Browser sessions. The cookie's value is never stored, only its hash.
 *
 * @module
 */

import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import { parseId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  deleteSession,
  findSession,
  findSessionByUid,
  insertSession,
  lockSession,
  rotateSession,
  type StoredSession,
  updateSession,
} from '../storage/people/sessions.ts';
import { deleteGrant } from '../storage/tokens/tokens.ts';
import { forgetSession } from './library-internals.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';
import { currentTransaction } from './request-transaction.ts';
import { saving } from './saved-records.ts';
import { withholdSessionCookie } from './session-cookies.ts';

/** The library's operations on sessions. */
export function sessionAdapter(db: Db): PartialAdapter {
  return {
    async find(value) {
      const find = currentTransaction() === undefined ? findSession : lockSession;
      const stored = await find(db, sha256(value));
      if (stored?.isPrevious) withholdSessionCookie();
      return stored && { ...toPayload(stored), jti: value };
    },

    async findByUid(uid) {
      const stored = await findSessionByUid(db, uid);
      return stored && toPayload(stored);
    },

    async upsert(value, payload, lifetimeSeconds = 1) {
      if (isOfNoUse(payload)) return withholdSessionCookie();
      const written = await write(db, {
        id: sha256(value),
        uid: payload.uid ?? '',
        accountId: parseId('user', payload.accountId ?? ''),
        payload: strip(payload, 'jti', 'exp'),
        lifetimeSeconds,
      });
      if (written !== 'updated') withholdSessionCookie();
      if (written === 'ended') await refuseEnded(db, payload);
    },

    async destroy(value) {
      if (saving().oldId === value) return; // it gets a new id, in the statement that saves it
      await deleteSession(db, sha256(value));
    },
  };
}

/** Nobody is signed in, and no page waits for its answer. */
function isOfNoUse({ accountId, state }: AdapterPayload): boolean {
  return !saving().isStored && accountId === undefined && state === undefined;
}

async function write(db: Db, session: Parameters<typeof insertSession>[1]) {
  const { isStored, oldId } = saving();
  if (isStored && oldId !== undefined) return rotateSession(db, sha256(oldId), session);
  if (isStored) return updateSession(db, session);
  await insertSession(db, session);
  return 'updated';
}

/**
 * The session was ended while this request was on its way.
 *
 * @throws {errors.LoginRequired} somebody was signed in by it: what they would have got ends, too.
 */
async function refuseEnded(db: Db, { accountId }: AdapterPayload): Promise<void> {
  if (accountId === undefined) return;
  const { session, entities } = Provider.ctx?.oidc ?? {};
  if (session) forgetSession(session);
  if (entities?.Grant?.jti !== undefined) await deleteGrant(db, entities.Grant.jti);
  throw new errors.LoginRequired('the session has ended');
}

function toPayload({ payload, remainingSeconds }: StoredSession): AdapterPayload {
  return { ...payload, exp: localExpiry(remainingSeconds) };
}
