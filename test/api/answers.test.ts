/** What every answer keeps: schemas, problems, pages, entity tags, idempotency keys. */

import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { printId } from '../../src/lib/ids.ts';
import { setBaseRole } from '../../src/organizations/organization-settings.ts';
import { addTeamMember } from '../../src/organizations/team-contents.ts';
import { recordAuditEvent } from '../../src/storage/audit/audit-log.ts';
import {
  emailOf,
  inSession,
  makeApplication,
  makeConsent,
  makeWorld,
  type Who,
  type World,
} from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

const api = forAllTests(startApi);
const world = forAllTests(() => makeWorld(api.db));
let at: Record<string, string>;
let admin: Caller;
beforeAll(async () => {
  await makeApplication(api.db, 'an-application');
  at = printed(world.ids);
  admin = await api.inBrowser(world.accounts.admin);
});

describe('every route answers as its row says', () => {
  test.each(routes.filter(({ id }) => id in samples).map((route) => [route.id, route] as const))(
    '%s',
    async (id, route) => {
      const own = await makeWorld(api.db);
      const { first = [], body, query = '', headers = {}, isByService } = samples[id] ?? {};
      const caller = isByService ? await api.byService() : await api.inBrowser(own.accounts.admin);
      const here = printed(own.ids);
      const { organizationId, teamId, accountId } = own.ids;
      await makeConsent(api.db, accountId, 'an-application', organizationId);
      await addTeamMember(api.db, inSession(own.accounts.admin), {
        organizationId,
        teamId,
        accountId,
      });
      for (const [before, sent] of first) {
        const done = await caller.send(requestOf(before, here), { body: sent });
        expect([before, done.status < 300, done.text]).toEqual([before, true, done.text]);
      }
      const answer = await caller.send(requestOf(id, here) + query, { body, headers });
      expect([answer.status, answer.text]).toEqual([route.status ?? 200, answer.text]);
      if (route.answer !== undefined) route.answer.parse(answer.body);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  test('and every route has a sample', () => {
    const known = Object.keys(samples).toSorted();
    expect(known).toEqual(routes.map(({ id }) => id).toSorted());
  });
});

describe('problems', () => {
  test('say what they are', async () => {
    const { status, body, headers } = await admin.send('GET /nothing/here');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toEqual({
      type: 'urn:usher:problem:not-found',
      title: 'There is nothing here',
      status: 404,
      request_id: headers.get('x-request-id'),
    });
  });

  test.each(['', '/', '/%ff', '/%', '/organizations//members'])(
    'are told at an address that is none: "%s"',
    async (path) => {
      const { status, headers } = await admin.send(`GET ${path}`);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toBe('application/problem+json');
    },
  );

  test('tell an address that is not there from a method that is not', async () => {
    const { status, headers } = await admin.send(`PATCH /organizations`);
    expect([status, headers.get('allow')]).toEqual([405, 'HEAD, GET, POST']);
  });

  test('say when to come back', async () => {
    const own = await makeWorld(api.db);
    const chief = await api.inBrowser(own.accounts.admin);
    const resend = () => chief.send(requestOf('resendInvitation', printed(own.ids)));
    let last = await resend();
    for (let n = 0; n < 20 && last.status === 200; n++) last = await resend();
    expect([last.status, last.body.type]).toEqual([429, 'urn:usher:problem:too-often']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('name a conflict by its reason', async () => {
    const body = { slug: 'twice', name: 'Twice' };
    await admin.send(requestOf('createTeam', at), { body });
    const again = await admin.send(requestOf('createTeam', at), { body });
    expect([again.status, again.body.reason]).toEqual([409, 'slug_taken']);
  });
});

describe('pages', () => {
  test('of every size hold each item once, in order', async () => {
    for (let n = 0; n < 7; n++) {
      const body = { slug: `paged-${n}`, name: 'Paged' };
      await admin.send(requestOf('createTeam', at), { body });
    }
    const whole = (await admin.send(`${requestOf('listTeams', at)}?limit=100`)).body.items;
    for (const limit of [1, 2, 3, 7]) {
      const items: unknown[] = [];
      for (let cursor = ''; ; ) {
        const query = cursor === '' ? '' : `&cursor=${cursor}`;
        const { body } = await admin.send(`${requestOf('listTeams', at)}?limit=${limit}${query}`);
        items.push(...body.items);
        if (body.next_cursor === undefined) break;
        cursor = body.next_cursor;
      }
      expect(items).toEqual(whole);
    }
  });

  test('of members follow the order of joining', async () => {
    const first = await admin.send(`${requestOf('listMembers', at)}?limit=1`);
    expect(first.body.items[0].role).toBe('organization_admin');
    const rest = await admin.send(
      `${requestOf('listMembers', at)}?cursor=${first.body.next_cursor}`,
    );
    expect(rest.body.items.map(({ id }: { id: string }) => id)).not.toContain(
      first.body.items[0].id,
    );
    const joined = rest.body.items.map(({ joined_at }: { joined_at: string }) => joined_at);
    expect(joined).toEqual(joined.toSorted());
  });

  test.each([
    ['made up', () => 'bm90IGEgY3Vyc29y'],
    ['changed', (cursor: string) => cursor.slice(0, -2) + (cursor.endsWith('AA') ? 'BB' : 'AA')],
    ['empty', () => ''],
  ])('refuse a cursor that is %s', async (_what, forge) => {
    const { body } = await admin.send(`${requestOf('listMembers', at)}?limit=1`);
    const forged = await admin.send(
      `${requestOf('listMembers', at)}?limit=1&cursor=${forge(body.next_cursor)}`,
    );
    expect([forged.status, forged.body.errors[0].field]).toEqual([422, 'cursor']);
  });

  test('refuse the cursor of another list, other filters and another person', async () => {
    const { body } = await admin.send(`${requestOf('listMembers', at)}?limit=1`);
    const cursor = `cursor=${body.next_cursor}`;
    const member = await api.inBrowser(world.accounts.member);
    const answers = [
      await admin.send(`${requestOf('listTeams', at)}?${cursor}`),
      await admin.send(`${requestOf('listMembers', at)}?role=organization_admin&${cursor}`),
      await member.send(`${requestOf('listMembers', at)}?${cursor}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
  });
});

describe('what an administrator looks for', () => {
  let own: World;
  let here: Record<string, string>;
  let chief: Caller;
  const ids = (answer: { body: { items: { id: string }[] } }) =>
    answer.body.items.map(({ id }) => id);
  beforeAll(async () => {
    own = await makeWorld(api.db);
    here = printed(own.ids);
    chief = await api.inBrowser(own.accounts.admin);
  });

  test.each([
    ['listOrganizations', 'readOrganization', 'organization'],
    ['listTeams', 'readTeam', 'team'],
    ['listDatabases', 'readDatabase', 'database'],
    ['listBranches', 'readBranch', 'branch'],
  ])('%s: by slug there is one, or none', async (list, read, kind) => {
    const { slug } = (await chief.send(requestOf(read, here))).body;
    const found = await chief.send(`${requestOf(list, here)}?slug=${slug}`);
    expect([ids(found), found.body.next_cursor]).toEqual([[here[kind]], undefined]);
    const none = await chief.send(`${requestOf(list, here)}?slug=never-there`);
    expect(none.body).toEqual({ items: [] });
  });

  test('a member who sees some databases finds those by slug, and no other', async () => {
    const { organizationId } = own.ids;
    await setBaseRole(api.db, inSession(own.accounts.admin), organizationId, 'none');
    const { slug } = (await chief.send(requestOf('readDatabase', here))).body;
    for (const [who, found] of [
      ['reader', [here['database']]],
      ['teamDba', [here['database']]],
      ['member', []],
    ] as const) {
      const caller = await api.inBrowser(own.accounts[who]);
      const answer = await caller.send(`${requestOf('listDatabases', here)}?slug=${slug}`);
      expect([who, ids(answer)]).toEqual([who, found]);
    }
    await setBaseRole(api.db, inSession(own.accounts.admin), organizationId, 'member');
  });

  test('members who are suspended, and those who are not', async () => {
    const suspended = await chief.send(`${requestOf('listMembers', here)}?suspended=true`);
    expect(ids(suspended)).toEqual([printId('user', own.accounts.suspended)]);
    const others = await chief.send(`${requestOf('listMembers', here)}?suspended=false`);
    expect(ids(others)).toHaveLength(8);
    expect(ids(others)).not.toContain(printId('user', own.accounts.suspended));
    const both = '?suspended=true&role=organization_member';
    expect(ids(await chief.send(requestOf('listMembers', here) + both))).toEqual([]);
  });

  test('where a member has something, and which teams a database has', async () => {
    const of = (who: Who) => ({ ...here, member: printId('user', own.accounts[who]) });
    const teams = await chief.send(requestOf('listMemberTeams', of('teamDba')));
    expect(ids(teams)).toEqual([here['team']]);
    expect(ids(await chief.send(requestOf('listMemberTeams', of('dba'))))).toEqual([]);
    const roles = await chief.send(requestOf('listMemberRoles', of('reader')));
    expect(roles.body.items).toMatchObject([
      { database: { id: here['database'] }, role: 'database_reader' },
    ]);
    expect(ids(await chief.send(requestOf('listDatabaseTeams', here)))).toEqual([here['team']]);
  });

  test('roles everywhere are for administrators, teams of a database for its people', async () => {
    for (const [who, id, status] of [
      ['member', 'listMemberTeams', 200],
      ['member', 'listMemberRoles', 403],
      ['dba', 'listMemberRoles', 403],
      ['dba', 'listDatabaseTeams', 200],
      ['outsider', 'listDatabaseTeams', 404],
    ] as const) {
      const caller = await api.inBrowser(own.accounts[who]);
      expect([who, id, (await caller.send(requestOf(id, here))).status]).toEqual([who, id, status]);
    }
  });
});

describe('entity tags', () => {
  test('guard a change', async () => {
    const read = await admin.send(requestOf('readTeam', at));
    const tag = read.headers.get('etag') ?? '';
    const change = (name: string, ifMatch: string) =>
      admin.send(requestOf('renameTeam', at), {
        body: { slug: read.body.slug, name },
        headers: { 'if-match': ifMatch },
      });
    const changed = await change('First', tag);
    expect(changed.status).toBe(200);
    const late = await change('Second', tag);
    expect([late.status, late.body.type]).toEqual([412, 'urn:usher:problem:precondition-failed']);
    expect((await admin.send(requestOf('readTeam', at))).body.name).toBe('First');
    expect((await change('Third', `"other", ${changed.headers.get('etag')}`)).status).toBe(200);
    expect((await change('Fourth', '*')).status).toBe(200);
  });

  test('guard an invitation as well', async () => {
    const invited = (await admin.send(requestOf('readInvitation', at))).headers.get('etag') ?? '';
    const stale = { headers: { 'if-match': '"of-before"' } };
    for (const id of ['resendInvitation', 'cancelInvitation']) {
      expect([id, (await admin.send(requestOf(id, at), stale)).status]).toEqual([id, 412]);
    }
    const headers = { 'if-match': invited };
    expect((await admin.send(requestOf('resendInvitation', at), { headers })).status).toBe(200);
    expect((await admin.send(requestOf('cancelInvitation', at), { headers })).status).toBe(412);
  });

  test('are compared in the transaction: of two changes at once one is late', async () => {
    const read = await admin.send(requestOf('readTeam', at));
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    const names = ['Left', 'Right'];
    const answers = await Promise.all(
      names.map((name) =>
        admin.send(requestOf('renameTeam', at), { body: { slug: read.body.slug, name }, headers }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });
});

describe('idempotency keys', () => {
  const body = { slug: 'keyed', name: 'Keyed' };
  const headers = { 'idempotency-key': 'the-key' };

  test('give the same answer again, and create once', async () => {
    const first = await admin.send(requestOf('createTeam', at), { body, headers });
    const second = await admin.send(requestOf('createTeam', at), { body, headers });
    expect(first.status).toBe(201);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await admin.send(requestOf('createTeam', at), {
      body: { ...body, name: 'Other' },
      headers,
    });
    expect([other.status, other.body.type]).toEqual([
      422,
      'urn:usher:problem:idempotency-key-reused',
    ]);
  });

  test('hold for requests that come at once', async () => {
    const sent = { body: { slug: 'at-once', name: 'X' }, headers: { 'idempotency-key': 'race' } };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => admin.send(requestOf('createTeam', at), sent)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
  });

  test('belong to their caller', async () => {
    const other = await makeWorld(api.db);
    const stranger = await api.inBrowser(other.accounts.admin);
    const answer = await stranger.send(requestOf('createTeam', printed(other.ids)), {
      body,
      headers,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
  });

  test('are free again after a refusal', async () => {
    const sent = (slug: string) => ({
      body: { slug, name: 'X' },
      headers: { 'idempotency-key': 'after' },
    });
    const member = await api.inBrowser(world.accounts.member);
    expect((await member.send(requestOf('createTeam', at), sent('refused'))).status).toBe(403);
    expect((await admin.send(requestOf('createTeam', at), sent('keyed'))).status).toBe(409);
    expect((await admin.send(requestOf('createTeam', at), sent('free'))).status).toBe(201);
  });
});

describe('the audit log as a file', () => {
  test('has the same events in every format', async () => {
    const listed = (await admin.send(`${requestOf('readAuditLog', at)}?limit=100`)).body.items;
    const csv = await admin.send(`${requestOf('exportAuditLog', at)}?format=csv`);
    const jsonl = await admin.send(`${requestOf('exportAuditLog', at)}?format=jsonl`);
    const ids = listed.map(({ id }: { id: string }) => id);
    const lines = jsonl.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, ids.length).map(({ id }) => id)).toEqual(ids);
    const rows = csv.text.trim().split('\r\n');
    expect(rows[0]).toMatch(/^id,at,action,/);
    expect(rows).toHaveLength(lines.length + 1);
    expect(csv.headers.get('content-disposition')).toContain('audit-log.csv');
  });

  test('is refused as an answer, not in the middle', async () => {
    const member = await api.inBrowser(world.accounts.member);
    const { status } = await member.send(`${requestOf('exportAuditLog', at)}?format=csv`);
    expect(status).toBe(403);
  });

  test('gives a spreadsheet nothing to run', async () => {
    const agent = { 'user-agent': '=cmd()' };
    const body = { slug: 'sheet', name: 'Sheet' };
    await admin.send(requestOf('createTeam', at), { body, headers: agent });
    const csv = await admin.send(`${requestOf('exportAuditLog', at)}?format=csv`);
    expect(csv.text).toContain(",'=cmd()");
  });

  test.each([
    ['=cmd()', "'=cmd()"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    ['\t=1', `"'\t=1"`],
    ['a;b', '"a;b"'],
    ['a\tb', '"a\tb"'],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    ['＝1', "'＝1"],
    ['a,"b"', '"a,""b"""'],
    ['plain', 'plain'],
  ])('a text that somebody chose is one cell and no formula: %j', async (userAgent, cell) => {
    const event = { organizationId: world.ids.organizationId, action: 'sample' };
    await recordAuditEvent(api.db, { ...event, origin: { address: undefined, userAgent } });
    const query = '?format=csv&action=sample';
    const { text } = await admin.send(requestOf('exportAuditLog', at) + query);
    const newest = text.slice(text.indexOf('\r\n') + 2);
    expect(newest.split(`,${cell}\r\n`)[0]).toMatch(/^\d+,[^,]+,sample,done,,,,org_\w+,,,,$/);
  });

  test('tells whose address an actor has, until the account is deleted', async () => {
    const own = await makeWorld(api.db);
    const here = printed(own.ids);
    const chief = await api.inBrowser(own.accounts.admin);
    const developer = await api.inBrowser(own.accounts.developer);
    await developer.send(requestOf('createBranch', here), { body: { slug: 'theirs' } });
    const actor = printId('user', own.accounts.developer);
    const newest = async () =>
      (await chief.send(`${requestOf('readAuditLog', here)}?actor=${actor}&action=branch.created`))
        .body.items[0];
    const email = emailOf(own.accounts.developer);
    expect(await newest()).toMatchObject({ actor, actor_email: email, address: '127.0.0.1' });
    expect((await developer.send('DELETE /user')).status).toBe(204);
    const blanked = { actor, actor_email: null, address: null, user_agent: null };
    expect(await newest()).toMatchObject(blanked);
    const csv = await chief.send(`${requestOf('exportAuditLog', here)}?format=csv`);
    expect(csv.text).not.toContain(email);
  });
});
