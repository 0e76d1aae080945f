/** What the management API of one process has acknowledged is in the next introspection of another. */

import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { makeAccount, makeWorld, type World } from '../organizations/world.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { createDpopKey } from '../support/dpop.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { demoApi, introspectAs, type Node } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { type Api, apiOf, type Caller, printed, requestOf } from './api-server.ts';

const scope = [
  'organization:write_organization',
  'organization:write_databases',
  'organization:write_branches',
].join(' ');

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  let api: Api;
  let two: Node;
  let world: World;
  let at: Record<string, string>;
  let admin: Caller;

  beforeAll(async () => {
    const [one] = processes.nodes;
    two = processes.nodes[1] ?? one;
    api = await apiOf(one);
  });

  async function begin(): Promise<void> {
    world = await makeWorld(api.db, 'none');
    at = printed(world.ids);
    admin = await api.inBrowser(world.accounts.admin);
  }

  const tokenOf = (accountId: string) =>
    api.tokenFor(accountId, [[{ id: world.ids.organizationId, slug: '' }, scope]]);

  /** The scopes of a token on one thing, by the other process. */
  async function held(token: string, kind: 'organization' | 'database' | 'branch') {
    const answer = await introspectAs(two, demoApi, token, at[kind]);
    expect(answer.active).toBe(true);
    return answer.scope;
  }

  async function applicationOf(token: string): Promise<string> {
    const [row] = await api.db.query<{ client_id: string }>(
      statement('select client_id from tokens where id = $1'),
      [sha256(token)],
    );
    return row?.client_id ?? '';
  }

  async function done(route: string, ids: object = {}, body?: unknown): Promise<void> {
    const { status, text } = await admin.send(requestOf(route, { ...at, ...ids }), { body });
    expect([route, status < 300, text]).toEqual([route, true, text]);
  }

  test('a proof of possession counts once, whichever process it is sent to', async () => {
    await begin();
    const key = await createDpopKey();
    const token = await api.tokenFor(world.accounts.admin, [[undefined, 'user:read_user']]);
    await api.db.query(
      statement(`update tokens set payload = payload || $2::jsonb where id = $1`),
      [sha256(token), JSON.stringify({ jkt: key.jkt })],
    );
    const ath = createHash('sha256').update(token).digest('base64url');
    for (let round = 0; round < 5; round++) {
      const proof = await key.proof(`${api.issuer}/api/v1/user`, { htm: 'GET', ath });
      const headers = { authorization: `DPoP ${token}`, ...proof };
      const sent = Array.from({ length: 8 }, (_, n) =>
        fetch(`${processes.nodes[n % 2]?.issuer}/api/v1/user`, { headers }),
      );
      const statuses = (await Promise.all(sent)).map(({ status }) => status);
      expect(statuses.sort()).toEqual([200, ...Array(7).fill(401)]);
    }
  });

  test('removing a member', async () => {
    await begin();
    const token = await tokenOf(world.accounts.dba);
    expect(await held(token, 'database')).toBe('organization:write_databases');
    await done('removeMember', { member: printId('user', world.accounts.dba) });
    expect(await held(token, 'database')).toBeUndefined();
  });

  test('deleting a team', async () => {
    await begin();
    const token = await tokenOf(world.accounts.teamDba);
    expect(await held(token, 'database')).toBe('organization:write_databases');
    await done('deleteTeam');
    expect(await held(token, 'database')).toBeUndefined();
  });

  test('deleting a database, and using its name again', async () => {
    await begin();
    const token = await tokenOf(world.accounts.dba);
    const { slug } = (await admin.send(requestOf('readDatabase', at))).body;
    expect(await held(token, 'branch')).toBe('organization:write_branches');
    await done('deleteDatabase');
    expect(await held(token, 'database')).toBeUndefined();
    expect(await held(token, 'branch')).toBeUndefined();
    const made = await admin.send(requestOf('createDatabase', at), { body: { slug } });
    at = { ...at, database: made.body.id };
    expect(await held(token, 'database')).toBeUndefined();
  });

  test('promoting a branch', async () => {
    await begin();
    const token = await tokenOf(world.accounts.developer);
    expect(await held(token, 'branch')).toBe('organization:write_branches');
    await done('promoteBranch');
    expect(await held(token, 'branch')).toBeUndefined();
    await done('demoteBranch');
    expect(await held(token, 'branch')).toBe('organization:write_branches');
  });

  test('demoting an administrator', async () => {
    await begin();
    const accountId = await makeAccount(api.db);
    const { organizationId } = world.ids;
    await insertMember(api.db, { organizationId, accountId, role: 'organization_admin' });
    const token = await tokenOf(accountId);
    expect(await held(token, 'organization')).toBe('organization:write_organization');
    const member = printId('user', accountId);
    await done('changeMemberRole', { member }, { role: 'organization_member' });
    expect(await held(token, 'organization')).toBeUndefined();
    expect(await held(token, 'database')).toBeUndefined();
  });

  test.each(['verified_only', 'approval_required'])(
    'the policy %s, and the approval that answers it',
    async (application_policy) => {
      await begin();
      const token = await tokenOf(world.accounts.dba);
      const application = await applicationOf(token);
      expect(await held(token, 'database')).toBe('organization:write_databases');
      await done('setApplicationPolicy', {}, { application_policy });
      expect(await held(token, 'database')).toBeUndefined();
      expect((await introspectAs(api, demoApi, token, at['database'])).scope).toBeUndefined();
      await done('approveApplication', { application }, {});
      expect(await held(token, 'database')).toBe('organization:write_databases');
      await done('withdrawApproval', { application });
      expect(await held(token, 'database')).toBeUndefined();
    },
  );

  test('shutting an application out: when it is let in again, an old token has nothing there', async () => {
    await begin();
    const token = await tokenOf(world.accounts.dba);
    const application = await applicationOf(token);
    await done('shutOutApplication', { application });
    expect(await held(token, 'database')).toBeUndefined();
    await done('liftShutOut', { application });
    expect(await held(token, 'database')).toBeUndefined();
    expect((await introspectAs(api, demoApi, token, at['database'])).scope).toBeUndefined();
  });

  test('who was removed and joins again gets nothing of it back by an old token', async () => {
    await begin();
    const { organizationId } = world.ids;
    const accountId = world.accounts.dba;
    const token = await tokenOf(accountId);
    await done('removeMember', { member: printId('user', accountId) });
    await insertMember(api.db, { organizationId, accountId, role: 'organization_member' });
    await done(
      'giveDatabaseRole',
      { member: printId('user', accountId) },
      { role: 'database_admin' },
    );
    expect(await held(token, 'database')).toBeUndefined();
  });
});
