/**
 * `npm run bench -- api`: every list and every effective-access call of the management API in one
 * organization of 100,000 members, 10,000 databases and 1,000 teams.
 *
 * Requests are sent one after the other; the time is what the client sees of it, so the server's own
 * is less; the bound is for 19 of 20, since a machine has other things to do. Afterwards the database's counters tell whether a statement has read a whole table.
 *
 * @module
 */

import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { routes } from '../../src/api/management/routes.ts';
import { openDatabase, statement } from '../../src/storage/engine/database.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { createUserAgent, fill } from '../support/user-agent.ts';
import { worldIn } from '../support/world.ts';
import type { Bench } from './bench.ts';
import { withClient } from './fill.ts';
import { administrator, developer, fillLargeOrganization, largeIds } from './large-organization.ts';
import { tell } from './measure.ts';
import { align } from './report.ts';
import type { Server } from './server.ts';
import { startUsher } from './usher.ts';

const password = 'a password for the benchmark';
const limitMilliseconds = 50;
const warmUps = 20;
const times = 200;

/** One kind of request. */
interface Asked {
  readonly name: string;
  readonly path: string;
  /** The headers that say who asks. */
  readonly as: Readonly<Record<string, string>>;
  /** The base role that members have meanwhile. */
  readonly baseRole: 'member' | 'none';
}

interface Asker extends Pick<Asked, 'as'> {
  readonly who: string;
}

/** What was measured of it, in milliseconds. */
interface Timed {
  readonly name: string;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
}

/** Measures, prints a table. @returns the exit status: 1 when a bound was not kept. */
export async function measureApi(bench: Bench): Promise<number> {
  const url = await bench.cluster.createDatabase('bench_api');
  await migrateUp({ connection: { connectionString: url }, shared: false, poolSize: 1 });
  const hash = await hashPassword(password);
  return withClient(url, async (client) => {
    tell('filling the organization');
    await fillLargeOrganization(client, hash);
    const server = await startUsher(bench, url);
    const asked = await requests(server, await largeIds(client), await tokenFor(url));
    const before = await wholeReads(client);
    const timed: Timed[] = [];
    for (const one of asked) {
      await client.query('update organizations set base_role = $1', [one.baseRole]);
      timed.push(await time(server, one));
    }
    await pause(2_000); // the counters are written once a second
    return report(timed, grown(before, await wholeReads(client)));
  });
}

async function requests(
  server: Server,
  ids: Record<string, string>,
  token: string,
): Promise<Asked[]> {
  const admin: Asker = {
    who: 'administrator',
    as: { cookie: await signIn(server, administrator) },
  };
  const member: Asker = { who: 'member', as: { cookie: await signIn(server, developer) } };
  const application: Asker = { who: 'application', as: { authorization: `Bearer ${token}` } };
  const ask = (id: string, { who, as } = admin, query = ''): Asked => ({
    name: `${id}${query} by ${who}`,
    path: pathOf(id, ids) + query,
    as,
    baseRole: 'member',
  });
  const letNobodyIn = (one: Asked): Asked => {
    return { ...one, name: `${one.name}, base role none`, baseRole: 'none' };
  };
  const lists = routes
    .filter(({ query }) => 'limit' in query.shape)
    .filter(({ id }) => id.startsWith('list'))
    .map(({ id }) => id);
  const deep = await Promise.all(
    ['listMembers', 'listDatabases', 'listTeams'].map(async (id) => {
      const cursor = await cursorAfter(server, ask(id, admin, '?limit=100'), 9);
      return { ...ask(id, admin, `?limit=100&cursor=${cursor}`), name: `${id}, tenth page` };
    }),
  );
  return [
    ...lists.map((id) => ask(id, admin, '?limit=100')),
    ...deep,
    ask('listDatabases', member, '?limit=100'),
    letNobodyIn(ask('listDatabases', member, '?limit=100')),
    ask('listDatabases', application, '?limit=100'),
    ask('listBranches', application, '?limit=100'),
    ask('listMembers', admin, '?limit=100&role=organization_admin'),
    ask('listMembers', admin, '?email=member-77777%40large.test'),
    ask('listDatabaseMembers', admin, '?role=database_developer'),
    ask('readAccess'),
    ask('readOwnAccess'),
    ask('readOwnAccess', member),
    letNobodyIn(ask('readOwnAccess', member)),
    ask('readAuditLog', admin, '?limit=100'),
    ask('readAuditLog', admin, '?limit=100&action=team.created'),
    ask('readAuditLog', admin, `?limit=100&subject=${ids['member']}`),
    ask('readOwnAuditLog', admin, '?limit=100'),
  ];
}

/** A token of the administrator's that reaches the whole organization. */
async function tokenFor(url: string): Promise<string> {
  const db = openDatabase({ connection: { connectionString: url }, shared: false, poolSize: 1 });
  try {
    const world = worldIn(db);
    const [account] = await db.query<{ id: string; email: string }>(
      statement('select id, email from accounts where email = $1'),
      [administrator],
    );
    const [organization] = await db.query<{ id: string; slug: string }>(
      statement('select id, slug from organizations'),
    );
    const scope = 'organization:read_databases organization:read_branches';
    const consent = await world.consent(
      account ?? { id: '', email: '' },
      await world.client({ scope }),
    );
    await world.entry(consent, organization, scope);
    return await world.token(await world.grant(consent), { scope });
  } finally {
    await db.close();
  }
}

function pathOf(id: string, ids: Readonly<Record<string, string>>): string {
  const route = routes.find((one) => one.id === id);
  const [, path = ''] = route?.address.split(' ') ?? [];
  return `/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '')}`;
}

async function signIn({ origin }: Server, email: string): Promise<string> {
  const agent = createUserAgent(origin);
  await agent.submit(await agent.get('/sign-in'), (fields) =>
    fill(fill(fields, 'email', email), 'password', password),
  );
  return [...agent.cookies].map((pair) => pair.join('=')).join('; ');
}

async function cursorAfter(server: Server, { path, as }: Asked, pages: number): Promise<string> {
  let cursor = '';
  for (let n = 0; n < pages; n++) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const body = (await (await get(server, path + query, as)).json()) as {
      next_cursor?: string;
    };
    cursor = body.next_cursor ?? cursor;
  }
  return cursor;
}

async function get({ origin }: Server, path: string, as: Asked['as']): Promise<Response> {
  const response = await fetch(origin + path, { headers: as });
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function time(server: Server, { name, path, as }: Asked): Promise<Timed> {
  for (let n = 0; n < warmUps; n++) await (await get(server, path, as)).text();
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const begun = performance.now();
    await (await get(server, path, as)).text();
    taken.push(performance.now() - begun);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number) => taken[Math.floor(share * (taken.length - 1))] ?? Number.NaN;
  return { name, median: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** How often each large table was read whole. */
async function wholeReads(client: pg.ClientBase): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string; reads: number }>(
    `select relname as name, seq_scan::float8 as reads
       from pg_stat_user_tables where n_live_tup >= 1000`,
  );
  return new Map(rows.map(({ name, reads }) => [name, reads]));
}

function grown(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return Array.from(after.keys()).filter(
    (name) => (after.get(name) ?? 0) > (before.get(name) ?? 0),
  );
}

function report(timed: readonly Timed[], readWhole: readonly string[]): number {
  const rows = timed.map(({ name, ...of }) => [
    name,
    ...[of.median, of.p95, of.p99].map((milliseconds) => milliseconds.toFixed(1)),
  ]);
  const late = timed.filter(({ p95 }) => p95 >= limitMilliseconds).map(({ name }) => name);
  const lines = [
    ...align([['request', 'p50 ms', 'p95 ms', 'p99 ms'], ...rows]),
    '',
    late.length === 0
      ? `all under ${limitMilliseconds} ms`
      : `not under ${limitMilliseconds} ms: ${late.join(', ')}`,
    readWhole.length === 0 ? 'no table was read whole' : `read whole: ${readWhole.join(', ')}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return late.length === 0 && readWhole.length === 0 ? 0 : 1;
}
