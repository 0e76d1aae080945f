/**
 * Browser sessions. The cookie's value is never stored, only its hash.
 *
 * @module
 */

import type { AdapterPayload } from 'oidc-provider';
import { parseId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/database.ts';
import {
  deleteSession,
  findSession,
  findSessionByUid,
  type StoredSession,
  saveSession,
} from '../storage/sessions.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';

/** The library's operations on sessions. */
export function sessionAdapter(db: Db): PartialAdapter {
  return {
    async find(value) {
      const stored = await findSession(db, sha256(value));
      return stored && { ...toPayload(stored), jti: value };
    },

    async findByUid(uid) {
      const stored = await findSessionByUid(db, uid);
      return stored && toPayload(stored);
    },

    async upsert(value, payload, lifetimeSeconds = 1) {
      await saveSession(db, {
        id: sha256(value),
        uid: payload.uid ?? '',
        accountId: parseId('user', payload.accountId ?? ''),
        payload: strip(payload, 'jti', 'exp'),
        lifetimeSeconds,
      });
    },

    async destroy(value) {
      await deleteSession(db, sha256(value));
    },
  };
}

function toPayload({ payload, remainingSeconds }: StoredSession): AdapterPayload {
  return { ...payload, exp: localExpiry(remainingSeconds) };
}
