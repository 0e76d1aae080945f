/**
 * Interactions and pushed authorization requests. Their ids are secrets (a cookie, a `request_uri`),
 * so a row holds neither its own id nor another's: what an interaction says of them is left out
 * when it is stored, and put back, or replaced by a hash, when it is read.
 *
 * @module
 */

import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import { browserIdentity } from '../lib/browser-identity.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import {
  deleteRecord,
  findRecord,
  insertRecord,
  type StoredRecord,
  spendRecord,
  updateRecord,
} from '../storage/tokens/provider-records.ts';
import { localExpiry, type PartialAdapter, strip } from './payloads.ts';
import { saving } from './saved-records.ts';

/** The library's operations on one short-lived kind of record. */
export function recordAdapter(kind: string, db: Db, issuer: string): PartialAdapter {
  const key = (value: string) => ({ kind, id: idOf(value) });
  return {
    async find(value) {
      const record = await findRecord(db, key(value));
      if (record === undefined || isAnotherBrowsers(record, issuer)) return undefined;
      const { payload, remainingSeconds, isConsumed } = record;
      return {
        ...payload,
        jti: value,
        ...(remainingSeconds === undefined ? {} : { exp: localExpiry(remainingSeconds) }),
        ...(isConsumed ? { consumed: 1 } : {}),
        ...(kind === 'Interaction' ? { returnTo: `${issuer}/oauth/authorize/${value}` } : {}),
      };
    },

    async upsert(value, payload, lifetimeSeconds) {
      const isInteraction = kind === 'Interaction';
      const kept = isInteraction ? withoutSecrets(payload) : payload;
      const row = [db, key(value), strip(kept, 'jti', 'exp', 'returnTo'), lifetimeSeconds] as const;
      if (!saving().isStored) {
        await insertRecord(...row, isInteraction ? browserAtHand(issuer) : undefined);
      } else if (!(await updateRecord(...row))) {
        throw new errors.SessionNotFound('the request is over');
      }
    },

    async consume(value) {
      if (!(await spendRecord(db, key(value)))) {
        throw new errors.InvalidRequestUri('request_uri was already used');
      }
    },

    async destroy(value) {
      await deleteRecord(db, key(value));
    },
  };
}

/** The browser in which an interaction begins; from here on it is found in this one only. */
function browserAtHand(issuer: string): Buffer | undefined {
  const { ctx } = Provider;
  return ctx && sha256(browserIdentity(issuer).ensure(ctx));
}

/** The library goes on with an interaction in the browser in which it began, and in no other. */
function isAnotherBrowsers({ browser }: StoredRecord, issuer: string): boolean {
  const { ctx } = Provider;
  if (browser === undefined || ctx === undefined) return false;
  return !browser.equals(sha256(browserIdentity(issuer).read(ctx) ?? ''));
}

/** Marks a hashed id; only the library itself hands one in, when it resumes an interaction. */
const hashed = '#sha256:';

function idOf(value: string): Buffer {
  const ownRoute = Provider.ctx?.oidc.route === 'resume';
  return value.startsWith(hashed) && ownRoute
    ? Buffer.from(value.slice(hashed.length), 'base64url')
    : sha256(value);
}

function withoutSecrets({ session, ...payload }: AdapterPayload): object {
  const { parJti, params, prompt } = payload;
  return {
    ...payload,
    ...(params ? { params: withoutSignature(params) } : {}),
    // The reasons are kept; their details repeat the parameters, and nobody reads them again.
    ...(prompt ? { prompt: { ...prompt, details: {} } } : {}),
    ...(session ? { session: withoutCookie(session) } : {}),
    ...(parJti === undefined || parJti.startsWith(hashed)
      ? {}
      : { parJti: hashed + sha256(parJti).toString('base64url') }),
  };
}

function withoutCookie({ cookie: _, ...session }: NonNullable<AdapterPayload['session']>): object {
  return session;
}

/** The signature of the ID token was checked when the request came; what it says is all that is needed. */
function withoutSignature(properties: Record<string, unknown>): Record<string, unknown> {
  const { id_token_hint: hint } = properties;
  if (typeof hint !== 'string') return properties;
  return { ...properties, id_token_hint: hint.replace(/[^.]*$/, '') };
}
