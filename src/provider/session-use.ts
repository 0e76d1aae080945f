/**
 * Writing down where a session is used, on our pages and at authorization requests.
 *
 * It is only shown, so a database that cannot take it just now stops no page.
 *
 * @module
 */

import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Origin } from '../storage/audit/audit-log.ts';
import type { Db } from '../storage/engine/database.ts';
import { noteSessionUse } from '../storage/people/session-devices.ts';

/** Notes one use of the session of that uid. */
export async function noteUse(db: Db, uid: string, { address, userAgent }: Origin): Promise<void> {
  await noteSessionUse(db, uid, { address, userAgent }).catch(() => undefined);
}

/** @returns the middleware around the library's authorization requests. */
export function noteUses(db: Db, originOf: (ctx: Koa.Context) => Origin) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (!ctx.path.startsWith('/oauth/authorize')) return;
    const { accountId, uid } = ctx.oidc?.session ?? {};
    if (accountId !== undefined && uid !== undefined) await noteUse(db, uid, originOf(ctx));
  };
}
