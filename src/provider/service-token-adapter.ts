/**
 * Tokens of service clients (RFC 6749 section 4.4): for the platform's own clients alone, with one
 * scope and nothing else.
 *
 * The library gives a client of this grant whatever scope it names. What may be issued is therefore
 * decided here, where it is stored.
 *
 * @module
 */

import { errors } from 'oidc-provider';
import { secretPrefixes, sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  deleteServiceToken,
  insertServiceToken,
  readServiceToken,
} from '../storage/tokens/service-tokens.ts';
import { keyThumbprintOf } from './library-internals.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';

const onlyScope = 'platform:sync';
const ownColumns = ['jti', 'exp', 'kind', 'clientId', 'scope'];

/** The library's operations on these tokens. */
export function serviceTokenAdapter(db: Db): PartialAdapter {
  return {
    async find(value) {
      if (!value.startsWith(secretPrefixes.serviceToken)) return undefined;
      const stored = await readServiceToken(db, sha256(value));
      if (stored === undefined) return undefined;
      const { remainingSeconds, clientId, scope, payload } = stored;
      const exp = localExpiry(remainingSeconds);
      return { ...payload, kind: 'ClientCredentials', jti: value, exp, clientId, scope };
    },

    async upsert(value, payload, lifetimeSeconds = 1) {
      const { clientId = '', scope, aud } = payload;
      const jkt = keyThumbprintOf(payload);
      if (scope !== onlyScope)
        throw new errors.InvalidScope(`the scope is ${onlyScope}`, scope ?? '');
      if (aud !== undefined) throw new errors.InvalidTarget('there is no resource for this scope');
      if (jkt !== undefined) throw new errors.InvalidRequest('this token is not bound to a key');
      const id = sha256(value);
      const token = {
        id,
        clientId,
        scope,
        payload: strip(payload, ...ownColumns),
        lifetimeSeconds,
      };
      if (!(await insertServiceToken(db, token))) throw new errors.UnauthorizedClient();
    },

    async destroy(value) {
      await deleteServiceToken(db, sha256(value));
    },
  };
}
