/**
 * What is dead does not act: head and one byte of a request are sent, what the caller acts by ends,
 * the rest is sent. On PostgreSQL one process has the request and another one ends the authority.
 */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/lib/secrets.ts';
import { removeMember, suspendMember } from '../../src/organizations/members.ts';
import { setApplicationPolicy } from '../../src/organizations/organization-settings.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { freshSlug, inSession, makeAccount, makeWorld } from '../organizations/world.ts';
import { onlyOnPostgres, onPostgres } from '../support/database.ts';
import { forEachTest } from '../support/for-all-tests.ts';
import { sendHeld } from '../support/held-request.ts';
import type { Node } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { type Api, apiOf, printed, requestOf } from './api-server.ts';

let one: Api;
let two: Node;
let close: () => Promise<void>;
beforeAll(async () => {
  const { nodes, ...started } = onPostgres ? await startProcesses(2) : await alone();
  close = started.close;
  one = await apiOf(nodes[0]);
  two = nodes[1] ?? nodes[0];
});
afterAll(() => close());

async function alone() {
  const server = await startTestServer();
  return { nodes: [server] as readonly [Node, ...Node[]], close: () => server.close() };
}

const world = forEachTest(() => makeWorld(one.db));
let at: Record<string, string>;
let admin: string;
beforeEach(async () => {
  at = printed(world.ids);
  admin = await makeAccount(one.db);
  const { organizationId } = world.ids;
  await insertMember(one.db, { organizationId, accountId: admin, role: 'organization_admin' });
});

const run = (sql: string, ...values: unknown[]) => one.db.query(statement(sql), values);

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const [row] = await one.db.query<{ count: number }>(
    statement(`select count(*)::int as count from ${sql}`),
    values,
  );
  return row?.count ?? 0;
}

/** Everything that the requests below could change or add. */
async function everything(): Promise<string> {
  const { organizationId } = world.ids;
  const tables = ['databases', 'branches', 'teams', 'invitations', 'organization_members'];
  const found = await Promise.all([
    ...tables.map((table) =>
      run(`select t::text from ${table} t where organization_id = $1 order by 1`, organizationId),
    ),
    run('select kind, subject_id from mail_outbox order by kind, subject_id'),
  ]);
  return JSON.stringify(found);
}

/**
 * Leaves the processes no mail to send: they would write the invitation of the test's world its
 * token. What waits is dropped; what one has claimed goes out first.
 */
async function withoutMail(): Promise<void> {
  await run('delete from mail_outbox where claim is null');
  await expect.poll(() => count('mail_outbox')).toBe(0);
}

interface Kind {
  readonly authorization: Readonly<Record<string, string>>;
  /** The token in clear, or the session's cookie. */
  readonly secret: string;
}

async function byToken(): Promise<Kind> {
  const { organizationId } = world.ids;
  const secret = await one.tokenFor(admin, [
    [{ id: organizationId, slug: '' }, 'organization:write_members organization:create_databases'],
  ]);
  return { authorization: { authorization: `Bearer ${secret}` }, secret };
}

async function bySession(): Promise<Kind> {
  const { headers } = await one.inBrowser(admin);
  return { authorization: headers, secret: headers['cookie'] ?? '' };
}

async function byService(): Promise<Kind> {
  const secret = await one.serviceToken();
  return { authorization: { authorization: `Bearer ${secret}` }, secret };
}

const tokenRow = 'tokens where id = sha256($1::bytea)';

/** By the other process: the request is its own client's. */
async function revoke(token: string): Promise<Response> {
  const [row] = await one.db.query<{ client_id: string }>(
    statement('select client_id from tokens where id = $1'),
    [sha256(token)],
  );
  const body = new URLSearchParams({ token, client_id: row?.client_id ?? '' });
  return fetch(`${two.issuer}/oauth/revoke`, { method: 'POST', body });
}

type End = [what: string, status: number, end: (kind: Kind) => Promise<unknown>];

const ofToken: End[] = [
  [
    'the token is revoked',
    401,
    async ({ secret }) => expect((await revoke(secret)).status).toBe(200),
  ],
  [
    'the token expires',
    401,
    ({ secret }) =>
      run(`update tokens set expires_at = now() where id = sha256($1::bytea)`, secret),
  ],
  [
    'the consent is withdrawn',
    401,
    ({ secret }) =>
      run(`delete from consents where id = (select consent_id from ${tokenRow})`, secret),
  ],
  [
    'the consent no longer has the scope',
    403,
    ({ secret }) =>
      run(
        `update consent_entries set scope = 'organization:read_organization'
          where consent_id = (select consent_id from ${tokenRow})`,
        secret,
      ),
  ],
  [
    'the consent no longer has the organization',
    404,
    ({ secret }) =>
      run(
        `delete from consent_entries where consent_id = (select consent_id from ${tokenRow})`,
        secret,
      ),
  ],
  [
    'the application is suspended',
    401,
    ({ secret }) =>
      run(
        `update clients set status = 'suspended' where id = (select client_id from ${tokenRow})`,
        secret,
      ),
  ],
  [
    'the application no longer has the scope',
    404,
    ({ secret }) =>
      run(`update clients set scope = '' where id = (select client_id from ${tokenRow})`, secret),
  ],
  ['the account is suspended', 401, () => suspendAccount()],
  [
    'the organization asks for approvals',
    404,
    () =>
      setApplicationPolicy(one.db, inSession(world.accounts.admin), world.ids.organizationId, {
        applicationPolicy: 'approval_required',
      }),
  ],
  [
    'the person is removed',
    404,
    () => removeMember(one.db, inSession(world.accounts.admin), { ...world.ids, accountId: admin }),
  ],
];

const ofSession: End[] = [
  ['the session is ended', 401, () => run('delete from sessions where account_id = $1', admin)],
  [
    'the session expires',
    401,
    () => run('update sessions set expires_at = now() where account_id = $1', admin),
  ],
  ['the account is suspended', 401, () => suspendAccount()],
  [
    'the member is suspended',
    404,
    () =>
      suspendMember(one.db, inSession(world.accounts.admin), { ...world.ids, accountId: admin }),
  ],
];

const ofService: End[] = [
  ['the token is revoked', 401, ({ secret }) => run(`delete from ${tokenRow}`, secret)],
  [
    'the service client is suspended',
    401,
    ({ secret }) =>
      run(
        `update clients set status = 'suspended' where id = (select client_id from ${tokenRow})`,
        secret,
      ),
  ],
];

const suspendAccount = () => run(`update accounts set status = 'suspended' where id = $1`, admin);

const acts = {
  token: ['invite', 'createDatabase'],
  session: ['invite', 'createTeam', 'renameOrganization'],
  service: ['createDatabase', 'createTeam'],
} as const;

const bodyOf = {
  invite: () => ({ email: 'stranger@elsewhere.test' }),
  createDatabase: () => ({ slug: freshSlug() }),
  createTeam: () => ({ slug: freshSlug(), name: 'Team' }),
  renameOrganization: () => ({ slug: freshSlug(), name: 'Renamed' }),
} as const;

function held(
  route: keyof typeof bodyOf,
  { authorization }: Kind,
  meanwhile: () => Promise<unknown>,
) {
  const [method = '', path = ''] = requestOf(route, at).split(' ');
  const headers = { ...authorization, 'content-type': 'application/json' };
  const body = JSON.stringify(bodyOf[route]());
  return sendHeld(`${one.issuer}/api/v1${path}`, { method, headers, body }, meanwhile);
}

describe.each([
  ['token', byToken, ofToken],
  ['session', bySession, ofSession],
  ['service', byService, ofService],
] as const)('by %s, while a body is held open', (kind, begin, ends) => {
  test('nothing ends: it is done', async () => {
    for (const route of acts[kind]) {
      const { status } = await held(route, await begin(), async () => {});
      expect([route, status]).toEqual([route, expect.toBeOneOf([200, 201])]);
    }
  });

  test.each(ends)('%s: %i, and nothing is done', async (_what, status, end) => {
    for (const route of kind === 'token' ? acts[kind].slice(0, 1) : acts[kind]) {
      const by = await begin();
      let before = '';
      const answer = await held(route, by, async () => {
        await end(by);
        await withoutMail();
        before = await everything();
      });
      expect([route, answer.status]).toEqual([route, status]);
      expect(await everything()).toBe(before);
      await reinstate();
    }
  });

  const reinstate = async () => {
    await run(`update accounts set status = 'active' where id = $1`, admin);
    await run('update organization_members set suspended_at = null where account_id = $1', admin);
  };
});

describe('an import', () => {
  const line = (n: number) =>
    `${JSON.stringify({ type: 'database', external_id: `${at['organization']} ${n}`, slug: `imported-${n}` })}\n`;

  test.each([
    ['good', line],
    ['unreadable', () => 'not JSON\n'],
  ])('asks again for a batch of %s lines', async (_what, next) => {
    const external = `imported ${at['organization']}`;
    await run(
      'update organizations set external_id = $2 where id = $1',
      world.ids.organizationId,
      external,
    );
    const by = await byService();
    const first = Array.from({ length: 1_000 }, (_, n) => line(n)).join('');
    const body = first + next(1_000) + next(1_001);
    const path = `/api/v1/platform/organizations/${encodeURIComponent(external)}/import`;
    const headers = { ...by.authorization, 'content-type': 'application/x-ndjson' };
    const { text } = await sendHeld(
      `${one.issuer}${path}`,
      { method: 'POST', headers, body, atOnce: first.length + 1 },
      async () => {
        await expect
          .poll(() => count(`databases where external_id = $1`, `${at['organization']} 999`), {
            timeout: 20_000,
          })
          .toBe(1);
        await run(`delete from ${tokenRow}`, by.secret);
      },
    );
    const last = JSON.parse(text.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      done: false,
      lines: 1_000,
      applied: 1_000,
      problem: { status: 401 },
    });
    expect(await count('databases where external_id = $1', `${at['organization']} 1000`)).toBe(0);
  });
});

describe(...onlyOnPostgres('at the same moment', 'one embedded database has one process'), () => {
  const rounds = 30;

  test('what is acknowledged as revoked does nothing afterwards', async () => {
    for (let round = 0; round < rounds; round++) {
      const { secret, authorization } = await byToken();
      const { slug } = bodyOf.createDatabase();
      const made = () =>
        count('databases where organization_id = $1 and slug = $2', world.ids.organizationId, slug);
      const act = one
        .withHeaders(authorization)
        .send(requestOf('createDatabase', at), { body: { slug } });
      const whenRevoked = revoke(secret).then(made);
      const [{ status }, thenMade] = await Promise.all([act, whenRevoked]);
      expect([status, await made()]).toEqual(status === 201 ? [201, 1] : [401, 0]);
      expect(thenMade).toBe(await made());
    }
  });
});
