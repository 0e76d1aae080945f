/**
 * A resource server is changed only while it is what its form was opened with: by organization and operator
 * alike, one change waits for the other.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../organizations/actor.ts';
import { lockFor } from '../../organizations/rights.ts';
import { holdClient } from '../../storage/clients/clients.ts';
import {
  findOwned,
  type OwnedResourceServer,
  type ResourceServerIds,
} from '../../storage/clients/organization-resource-servers.ts';
import type { Work } from '../../storage/engine/database.ts';
import { workUnder } from '../../storage/engine/work.ts';
import { type TypedServer, typedOf } from './server-form.ts';

/** Somebody else changed it; `server` is what is saved now. */
export class ServerChangedError extends Error {
  override readonly name = 'ServerChangedError';
  readonly server: OwnedResourceServer;

  constructor(server: OwnedResourceServer) {
    super('the resource server was changed while its form was open');
    this.server = server;
  }
}

/**
 * @param base what the form was opened with.
 * @returns work for the use case. It throws {ServerChangedError} where the resource server is another one by
 *   now; one that is gone is the use case's to refuse.
 */
export function whileItIs(
  work: Work,
  {
    actor,
    ids,
    base,
  }: {
    readonly actor: Actor;
    readonly ids: ResourceServerIds;
    readonly base: TypedServer;
  },
): Work {
  return workUnder(work, {
    before: async (tx) => {
      await lockFor(tx, actor, ids.organizationId);
      await holdClient(tx, ids.resourceServerId);
      const server = await findOwned(tx, ids);
      if (server !== undefined && !isDeepStrictEqual(typedOf(server), base)) {
        throw new ServerChangedError(server);
      }
    },
  });
}
