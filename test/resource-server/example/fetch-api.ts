/**
 * A complete API behind Usher, with the Fetch API: databases by their slug paths.
 *
 *   GET    /organizations/:slug/databases/:slug           whoever may read the database
 *   DELETE /organizations/:slug/databases/:slug           whoever may read and delete it
 *   GET    /organizations/:slug/databases/:slug/backups   whoever may read backups of a branch there
 *
 * @module
 */

import {
  allOf,
  type GrantedToken,
  type ResourceServer,
} from '../../../src/resource-server/resource-server.ts';

/** Answers every request. */
export function createFetchApi(
  server: ResourceServer,
): (request: Request) => Response | Promise<Response> {
  const guarded = { type: 'database', resource: databaseOf } as const;
  const mayRead = server.requireScope('database:read_database', { ...guarded, hide: true });
  const mayDelete = server.requireScope(
    allOf('database:read_database', 'database:delete_database'),
    guarded,
  );
  const mayList = server.requireScope('database:read_backups', { ...guarded, below: true });

  const routes = new Map([
    ['GET', mayRead.protect((_request, { resource }) => Response.json({ read: resource }))],
    ['DELETE', mayDelete.protect((_request, { resource }) => Response.json({ deleted: resource }))],
    ['GET backups', mayList.protect(listBackups)],
  ]);
  const metadata = server.serveMetadata({ name: 'Databases' });

  return (request) => {
    const isList = new URL(request.url).pathname.endsWith('/backups');
    const route = routes.get(isList ? `${request.method} backups` : request.method);
    return metadata(request) ?? route?.(request) ?? new Response(null, { status: 405 });
  };
}

/** A handler sees only requests that may go on; rights may differ from branch to branch. */
function listBackups(_request: Request, { resource }: GrantedToken): Response {
  return Response.json({ of: resource.identifier, backups: [] });
}

/** What the address names, for Usher to find: no handler looks at it again. */
function databaseOf({ url }: Request): string | undefined {
  return /^\/(organizations\/[^/]+\/databases\/[^/]+)(\/backups)?$/.exec(
    new URL(url).pathname,
  )?.[1];
}
