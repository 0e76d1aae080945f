/**
 * Clients, read afresh for every request. They are written by the applications room, not here.
 *
 * @module
 */

import { findClient } from '../storage/clients.ts';
import type { Db } from '../storage/database.ts';
import { toClientMetadata } from './client-metadata.ts';
import type { PartialAdapter } from './payloads.ts';

/** A suspended client is as unknown to the library as one that never was. */
export function clientAdapter(db: Db): PartialAdapter {
  return {
    async find(id) {
      if (id.includes('\0')) return undefined; // PostgreSQL's text has no such character
      const client = await findClient(db, id);
      return client?.status === 'active' ? (toClientMetadata(client) as never) : undefined;
    },
  };
}
