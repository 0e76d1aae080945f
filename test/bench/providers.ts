/**
 * Bare oidc-provider, in memory and on PostgreSQL, with as many tokens as are asked about.
 *
 * @module
 */

import { join } from 'node:path';
import { secretPrefixes } from '../../src/lib/secrets.ts';
import { apps, redeemer } from './actors.ts';
import type { Bench, Group } from './bench.ts';
import { codeStock, introspection, refreshStock, writeJson } from './bench.ts';
import { clientCredentials } from './client-credentials.ts';
import {
  type ProviderRecord,
  providerClients,
  recordsOf,
  storeRecords,
} from './provider-records.ts';
import { startServer } from './server.ts';
import { codeExchange, refreshing } from './token-requests.ts';

const readyPath = '/.well-known/openid-configuration';
const [introspectionPath, tokenPath] = ['/token/introspection', '/token'];
const programOf = (name: string) => join(import.meta.dirname, 'candidates', `${name}.ts`);

/** Everything in the process. */
export const providerMemory: Group = {
  names: ['provider-memory:introspect'],
  async prepare(bench) {
    const command = [
      programOf('provider-memory'),
      writeJson(bench, 'records.json', accessTokens(bench)),
      writeJson(bench, 'clients.json', providerClients),
    ];
    const program = { command, environment: {}, readyPath, database: undefined };
    const server = await startServer(program, bench.cleanup);
    const nextLoad = () => introspection(bench, introspectionPath);
    return [{ name: 'provider-memory:introspect', server, nextLoad }];
  },
};

/** Everything in PostgreSQL, clients too. */
export const providerPg: Group = {
  names: [
    'provider-pg:introspect',
    'provider-pg:code',
    'provider-pg:refresh',
    'provider-pg:client-credentials',
  ],
  async prepare(bench) {
    const codes = codeStock(bench, secretPrefixes.authorizationCode);
    const tokens = refreshStock(bench, secretPrefixes.refreshToken);
    const database = await bench.cluster.createDatabase('bench_provider');
    await storeRecords(database, [
      ...accessTokens(bench),
      ...recordsOf('AuthorizationCode', codes.all, () => redeemer.id),
      ...recordsOf('RefreshToken', tokens.all, () => redeemer.id),
    ]);
    const environment = { DATABASE_URL: database };
    const program = { command: [programOf('provider-pg')], environment, readyPath, database };
    const server = await startServer(program, bench.cleanup);
    return [
      {
        name: 'provider-pg:introspect',
        server,
        nextLoad: () => introspection(bench, introspectionPath),
      },
      {
        name: 'provider-pg:code',
        server,
        nextLoad: () => codeExchange(tokenPath, codes.take()),
      },
      {
        name: 'provider-pg:refresh',
        server,
        nextLoad: () => refreshing(tokenPath, tokens.take()),
      },
      {
        name: 'provider-pg:client-credentials',
        server,
        nextLoad: () =>
          clientCredentials(bench.options, {
            path: tokenPath,
            issuer: server.origin,
            scope: 'read',
          }),
      },
    ];
  },
};

function accessTokens({ asked }: Bench): ProviderRecord[] {
  const tokens = asked.map(({ token }) => token);
  return recordsOf('AccessToken', tokens, (index) => apps[index % apps.length]?.id ?? '');
}
