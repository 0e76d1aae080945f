/**
 * Usher as it runs in production: its own program on a migrated, filled database.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceScope } from '../../src/clients/service-clients.ts';
import { secretPrefixes } from '../../src/lib/secrets.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { asker, basic } from './actors.ts';
import {
  type AskedToken,
  membersPerOrganization,
  printedBranch,
  tokensPerMember,
} from './asked-tokens.ts';
import type { Bench, Candidate, Group } from './bench.ts';
import { codeStock, formOf, introspection, refreshStock } from './bench.ts';
import { clientCredentials } from './client-credentials.ts';
import { consentPage, setPassword } from './consent-page.ts';
import { branchScope, fill, withClient } from './fill.ts';
import type { Load } from './load.ts';
import { type Program, type Server, startServer } from './server.ts';
import { addStock } from './stock.ts';
import { codeExchange, refreshing } from './token-requests.ts';

const root = join(import.meta.dirname, '../..');
const [introspectionPath, tokenPath] = ['/oauth/introspect', '/oauth/token'];

/** Every kind of request. */
export const usher: Group = {
  names: [
    'usher:introspect',
    'usher:introspect-all',
    'usher:code',
    'usher:refresh',
    'usher:client-credentials',
    'usher:consent-page',
    'usher:evaluate-1000',
  ],
  prepare: (bench) => prepareUsher(bench, []),
};

/** @param nodeOptions for the server's own process. */
export async function prepareUsher(
  bench: Bench,
  nodeOptions: readonly string[],
): Promise<Candidate[]> {
  const { tokens } = bench.options;
  const database = await createFilled(bench, { name: 'bench_usher', tokens, asked: bench.asked });
  const codes = codeStock(bench, secretPrefixes.authorizationCode);
  const chains = refreshStock(bench, secretPrefixes.refreshToken);
  await withClient(database, async (client) => {
    await addStock(client, 'AuthorizationCode', codes.all);
    await addStock(client, 'RefreshToken', chains.all);
    await setPassword(client);
  });
  const server = await startServer(usherProgram(database, nodeOptions), bench.cleanup);
  const page = await consentPage(server.origin);
  const candidate = (what: string, nextLoad: () => Load): Candidate => {
    return { name: `usher:${what}`, server, nextLoad };
  };
  return [
    candidate('introspect', () => onBranch(bench)),
    candidate('introspect-all', () => onAll(bench)),
    candidate('code', () => codeExchange(tokenPath, codes.take())),
    candidate('refresh', () => refreshing(tokenPath, chains.take())),
    candidate('client-credentials', () =>
      clientCredentials(bench.options, {
        path: tokenPath,
        issuer: server.origin,
        scope: serviceScope,
      }),
    ),
    candidate('consent-page', () => page),
    candidate('evaluate-1000', () => evaluations(bench)),
  ];
}

/** A server on a database that is filled already. */
export function startUsher(bench: Bench, database: string): Promise<Server> {
  return startServer(usherProgram(database, []), bench.cleanup);
}

function usherProgram(database: string, nodeOptions: readonly string[]): Program {
  const { environment, command } = npmStart();
  return {
    command: [...nodeOptions, ...command],
    environment: {
      ...environment,
      DATABASE_URL: database,
      USHER_KEY: 'bench-key-0123456789-0123456789-0123456789',
      DEMO: 'off',
      LOG_LEVEL: 'warn',
    },
    readyPath: '/readyz',
    database,
  };
}

/** What `npm start` sets, and what it gives to Node: options, then the program. */
function npmStart() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const words = scripts.start
    .split(' ')
    .map((word) => word.replace(/(?<=^|=)(?=(src|node_modules)\/)/, `${root}/`));
  const node = words.indexOf('node');
  const assignments = words.slice(0, node).filter((word) => word.includes('='));
  return {
    environment: Object.fromEntries(assignments.map((word) => word.split('='))),
    command: words.slice(node + 1),
  };
}

/** What a database of Usher is to hold. */
export interface Content {
  readonly name: string;
  readonly tokens: number;
  readonly asked: readonly AskedToken[];
}

/** @returns the address of a new, migrated database with so many tokens. */
export async function createFilled(
  { cluster }: Bench,
  { name, tokens, asked }: Content,
): Promise<string> {
  const database = await cluster.createDatabase(name);
  const connection = { connectionString: database };
  await migrateUp({ connection, shared: false, poolSize: 1 });
  await withClient(database, (client) => fill(client, { tokens, asked }));
  return database;
}

/** Each token about the branch that it may use; the answer holds what its member may do there. */
export function onBranch(bench: Pick<Bench, 'asked'>): Load {
  const scope = `"scope":"${branchScope}"`;
  return introspection(bench, introspectionPath, ['"active":true', scope, '"type":"branch"']);
}

/** A thousand decisions a request: one token, the nine branches of its organization, each action. */
function evaluations({ asked }: Bench): Load {
  const actions = branchScope.split(' ');
  const branches = (number: number) => {
    const organization = Math.floor(number / tokensPerMember / membersPerOrganization);
    return Array.from({ length: 9 }, (_, n) => printedBranch(`br ${9 * organization + n}`));
  };
  return {
    path: '/access/v1/evaluations',
    headers: { authorization: basic(asker), 'content-type': 'application/json' },
    order: 'random',
    bodies: asked.slice(0, 50).map(({ token, number }) =>
      JSON.stringify({
        subject: { type: 'access_token', id: token },
        evaluations: Array.from({ length: 1000 }, (_, n) => ({
          action: { name: actions[Math.floor(n / 9) % actions.length] },
          resource: { type: 'branch', id: branches(number)[n % 9] },
        })),
      }),
    ),
    expected: ['{"decision":true},{"decision":true}'],
  };
}

function onAll({ asked }: Bench): Load {
  return {
    path: introspectionPath,
    headers: formOf(basic(asker)),
    order: 'random',
    bodies: asked.map(({ token }) => `token=${token}&token_type_hint=access_token`),
    expected: ['"active":true', '"authorization_details":[{', branchScope.split(' ')[0] ?? ''],
  };
}
