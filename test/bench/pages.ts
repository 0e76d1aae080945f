/**
 * `npm run bench -- pages`: the pages of a person with 3 organizations, 2,000 databases and 10,000
 * branches, who is asked for consent; and every page of the console, in an organization of 100,000 members,
 * 10,000 databases and 1,000 teams.
 *
 * Requests are sent one after the other. The time is what the client sees of it, so the server's own
 * is less. Bytes are what the body takes on the way, compressed; a first page counts its style and script too.
 *
 * @module
 */

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type pg from 'pg';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { migrateUp } from '../../src/storage/engine/migrate.ts';
import { createUserAgent, fill, formOf, type Page, type UserAgent } from '../support/user-agent.ts';
import { challenge, redirectUri } from './actors.ts';
import type { Bench } from './bench.ts';
import { benchedPages } from './console-pages.ts';
import { idOf, withClient } from './fill.ts';
import { administrator, fillLargeOrganization, largeIds } from './large-organization.ts';
import { tell } from './measure.ts';
import { align } from './report.ts';
import { startUsher } from './usher.ts';

const email = 'person@usher.test';
const password = 'a password for the benchmark';
const [organizations, databases, branchesEach] = [3, 2_000, 5];
const scope = 'database:read_branches database:write_branches database:read_database';
const [warmUps, times] = [20, 200];

/** One kind of request, and the most that it may cost. */
interface Asked {
  readonly name: string;
  readonly path: string;
  /** A form; undefined: a page is loaded. */
  readonly form: URLSearchParams | undefined;
  /** What the browser loads with it, when it comes for the first time. */
  readonly assets: readonly string[];
  readonly mostMilliseconds: number;
  readonly mostBytes: number;
}

interface Measured extends Asked {
  readonly median: number;
  readonly p95: number;
  readonly bytes: number;
}

/** Measures, prints a table. @returns the exit status: 1 when a bound was not kept. */
export async function measurePages(bench: Bench): Promise<number> {
  return report([...(await ofPerson(bench)), ...(await ofConsole(bench))]);
}

async function ofConsole(bench: Bench): Promise<Measured[]> {
  const url = await bench.cluster.createDatabase('bench_console');
  await migrateUp({ connection: { connectionString: url }, shared: false, poolSize: 1 });
  const hash = await hashPassword(password);
  tell('filling the organization');
  const ids = await withClient(url, async (client) => {
    await fillLargeOrganization(client, hash);
    return largeIds(client);
  });
  const { origin } = await startUsher(bench, url);
  const agent = createUserAgent(origin);
  await agent.submit(await agent.get('/sign-in'), (fields) =>
    fill(fill(fields, 'email', administrator), 'password', password),
  );
  const rows = [
    { name: 'console, home', path: '/organizations' },
    ...benchedPages({ ...ids, slug: 'large', client: 'app-0' }),
  ];
  const measured: Measured[] = [];
  for (const { name, path } of rows) {
    const asked = { ...wholePage, name, path };
    measured.push(await measure({ origin, cookie: cookieOf(agent) }, asked));
  }
  return measured;
}

async function ofPerson(bench: Bench): Promise<Measured[]> {
  const url = await bench.cluster.createDatabase('bench_pages');
  await migrateUp({ connection: { connectionString: url }, shared: false, poolSize: 1 });
  const hash = await hashPassword(password);
  await withClient(url, (client) => fillPerson(client, hash));
  tell('measuring');
  const { origin } = await startUsher(bench, url);
  const agent = createUserAgent(origin);
  const consent = await openConsent(agent, origin);
  const cookie = cookieOf(agent);
  const measured: Measured[] = [];
  for (const asked of requests(consent)) measured.push(await measure({ origin, cookie }, asked));
  return measured;
}

function cookieOf(agent: UserAgent): string {
  return [...agent.cookies].map((pair) => pair.join('=')).join('; ');
}

/** A page, of which a browser loads the style when it comes for the first time. */
const wholePage = {
  form: undefined,
  assets: ['usher.css'],
  mostMilliseconds: 100,
  mostBytes: 60_000,
};

async function fillPerson(client: pg.ClientBase, hash: string): Promise<void> {
  const person = idOf('user', '0');
  const organizationOf = (number: string) => idOf('org', `(${number}) % ${organizations}`);
  await client.query(
    `insert into accounts (id, email, name, email_verified_at, password_hash)
     values (${person}, $1, 'Person', now(), $2)`,
    [email, hash],
  );
  await client.query(`insert into organizations (id, slug, name)
    select ${organizationOf('n')}, 'org-' || n, 'Organization ' || n
    from generate_series(0, ${organizations - 1}) n`);
  await client.query(`insert into organization_members (organization_id, account_id, role)
    select id, ${person}, 'organization_admin' from organizations`);
  await client.query(`insert into databases (id, organization_id, slug)
    select ${idOf('db', 'n')}, ${organizationOf('n')}, 'db-' || n
    from generate_series(0, ${databases - 1}) n`);
  await client.query(`insert into branches (id, organization_id, database_id, slug, production)
    select ${idOf('br', 'n')}, ${organizationOf(`n / ${branchesEach}`)},
      ${idOf('db', `n / ${branchesEach}`)}, 'branch-' || n % ${branchesEach}, n % ${branchesEach} = 0
    from generate_series(0, ${databases * branchesEach - 1}) n`);
  await client.query(
    `insert into clients (id, name, auth_method, grant_types, redirect_uris, scope)
     values ('app', 'App', 'none', '{authorization_code}', $1, $2)`,
    [[redirectUri], scope],
  );
  await client.query('vacuum analyze');
}

/** Signs in on the way of a request. @returns the consent page. */
async function openConsent(agent: UserAgent, origin: string): Promise<Page> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: redirectUri,
    scope,
    state: 'state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const signIn = await agent.get(`${origin}/oauth/authorize?${query}`);
  return agent.submit(signIn, (fields) => fill(fill(fields, 'email', email), 'password', password));
}

function requests(consent: Page): Asked[] {
  const path = new URL(consent.url).pathname;
  const { fields } = formOf(consent.html);
  const form = (search: string) => new URLSearchParams(fill(fields, 'search', search));
  const page = wholePage;
  const found = { assets: [], mostMilliseconds: 50, mostBytes: 15_000 };
  const search = path.replace(/consent$/, 'search');
  return [
    { ...page, name: 'consent, first', path, assets: ['usher.css', 'consent.js'] },
    { ...found, name: 'search, one database', path: search, form: form('db-1999') },
    { ...found, name: 'search, two words', path: search, form: form('org-1 db-19') },
    { ...found, name: 'search, everything', path: search, form: form('b') },
    { ...found, name: 'preview', path: path.replace(/consent$/, 'preview'), form: form('') },
    { ...page, name: 'account', path: '/account' },
    { ...page, name: 'manage app access', path: '/account/applications' },
    { ...page, name: 'sessions', path: '/account/sessions' },
  ];
}

interface Asker {
  readonly origin: string;
  readonly cookie: string;
}

async function measure(asker: Asker, asked: Asked): Promise<Measured> {
  const taken: number[] = [];
  let bytes = 0;
  for (let n = 0; n < warmUps + times; n++) {
    const begun = performance.now();
    bytes = await bytesOf(asker, asked.path, asked.form);
    if (n >= warmUps) taken.push(performance.now() - begun);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number) => taken[Math.floor(share * (taken.length - 1))] ?? Number.NaN;
  for (const name of asked.assets) bytes += await bytesOf(asker, `/assets/${name}`, undefined);
  return { ...asked, median: at(0.5), p95: at(0.95), bytes };
}

/** @returns how many bytes of body came. @throws when the answer is no page. */
async function bytesOf(
  { origin, cookie }: Asker,
  path: string,
  form: URLSearchParams | undefined,
): Promise<number> {
  const asking = request(origin + path, {
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      cookie,
      origin,
      accept: 'text/html',
      'accept-encoding': 'gzip',
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
  });
  asking.end(form?.toString());
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
  return bytes;
}

function report(measured: readonly Measured[]): number {
  const rows = measured.map((one) => [
    one.name,
    one.median.toFixed(1),
    one.p95.toFixed(1),
    String(one.mostMilliseconds),
    (one.bytes / 1_000).toFixed(1),
    (one.mostBytes / 1_000).toFixed(0),
  ]);
  const over = measured
    .filter((one) => one.median >= one.mostMilliseconds || one.bytes >= one.mostBytes)
    .map(({ name }) => name);
  const lines = [
    ...align([['page', 'p50 ms', 'p95 ms', 'most ms', 'KB', 'most KB'], ...rows]),
    '',
    over.length === 0 ? 'all within their bounds' : `over their bounds: ${over.join(', ')}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return over.length === 0 ? 0 : 1;
}
