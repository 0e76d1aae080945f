/**
 * Bare oidc-provider with everything in memory: the library's own cost.
 *
 *   node provider-memory.ts <records.json> <clients.json>
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import type { Adapter, AdapterPayload, ClientMetadata } from 'oidc-provider';
import type { ProviderRecord } from '../provider-records.ts';
import { serveProvider } from './bare-provider.ts';

const [recordsFile = '', clientsFile = ''] = process.argv.slice(2);
const records = JSON.parse(readFileSync(recordsFile, 'utf8')) as ProviderRecord[];
const clients = JSON.parse(readFileSync(clientsFile, 'utf8')) as ClientMetadata[];
const store = new Map<string, AdapterPayload>(
  records.map(({ kind, id, payload }) => [`${kind}:${id}`, payload as AdapterPayload]),
);

serveProvider(memoryAdapter, clients);

function memoryAdapter(kind: string): Adapter {
  const key = (id: string) => `${kind}:${id}`;
  const nothing = async () => undefined;
  return {
    find: async (id) => store.get(key(id)),
    upsert: async (id, payload) => void store.set(key(id), payload),
    destroy: async (id) => void store.delete(key(id)),
    consume: async (id) => {
      const payload = store.get(key(id));
      if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    findByUid: nothing,
    findByUserCode: nothing,
    revokeByGrantId: nothing,
  };
}
