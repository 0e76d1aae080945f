/**
 * A complete API behind Usher, with Koa: a note for each branch of a database.
 *
 *   GET    /databases/:database/branches   whoever may read branches there
 *   GET    /branches/:branch/note          whoever may read the branch
 *   PUT    /branches/:branch/note          whoever may write it
 *   DELETE /branches/:branch/note          whoever may delete it
 *
 * Notes are kept under the id that Usher answered, which is the one that the rights are about.
 *
 * @module
 */

import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import {
  anyOf,
  type GrantedToken,
  type ResourceServer,
} from '../../../src/resource-server/resource-server.ts';

const database = {
  type: 'database',
  resource: (ctx: Context) => ctx['params']?.['database'],
} as const;
const branch = {
  type: 'branch',
  resource: (ctx: Context) => ctx['params']?.['branch'],
} as const;

/** Every route has its guard; what is not listed here does not exist. */
export function createKoaApi({ koa: guard }: ResourceServer): Koa {
  const notes = new Map<string, string>();
  const mayList = guard.requireScope(
    anyOf('database:read_branches', 'organization:read_branches'),
    {
      ...database,
      below: true,
      hide: true,
    },
  );
  const mayRead = guard.requireScope(
    anyOf('branch:read_branch', 'database:read_branches', 'organization:read_branches'),
    { ...branch, hide: true },
  );
  const mayWrite = guard.requireScope('database:write_branches', branch);
  const mayDelete = guard.requireScope('database:delete_branches', branch);

  const router = new Router()
    .get('/databases/:database/branches', mayList, (ctx) => {
      const { resource } = tokenOf(ctx);
      ctx.body = { database: resource.path };
    })
    .get('/branches/:branch/note', mayRead, (ctx) => {
      const { resource, username } = tokenOf(ctx);
      ctx.body = { branch: resource.path, reader: username, note: notes.get(resource.identifier) };
    })
    .put('/branches/:branch/note', mayWrite, async (ctx) => {
      notes.set(tokenOf(ctx).resource.identifier, await text(ctx.req));
      ctx.status = 204;
    })
    .delete('/branches/:branch/note', mayDelete, (ctx) => {
      notes.delete(tokenOf(ctx).resource.identifier);
      ctx.status = 204;
    });

  const app = new Koa();
  app.use(guard.serveMetadata({ name: 'Branch notes', scopes: ['database:read_branches'] }));
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}

function tokenOf(ctx: Context): GrantedToken {
  return ctx.state['token'];
}
