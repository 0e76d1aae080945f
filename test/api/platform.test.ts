/** The platform keeps its tree in step: one thing at a time, and 100,000 lines in one stream. */

import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { freshSlug } from '../organizations/world.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { requestOf, startApi } from './api-server.ts';

const admin = 'admin@acme.test';

const api = forAllTests(startApi);
const service = forAllTests(() => api.byService([]));

let at: Record<string, string>;
beforeEach(async () => {
  at = {
    external_organization: `org ${randomUUID()}/ä`,
    external_database: randomUUID(),
    external_branch: randomUUID(),
    who: `${randomUUID()}@platform.test`,
  };
  await put('syncOrganization', named());
});

const named = () => ({ slug: freshSlug(), name: 'Synced', administrator: admin });

function put(id: string, body: unknown, change: Record<string, string> = {}) {
  const encoded = Object.entries({ ...at, ...change }).map(([name, value]) => [
    name,
    encodeURIComponent(value),
  ]);
  return service.send(requestOf(id, Object.fromEntries(encoded)), { body });
}

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const [row] = await api.db.query<{ count: number }>(
    statement(`select count(*)::int as count from ${sql}`),
    values,
  );
  return row?.count ?? 0;
}

describe('one thing at a time', () => {
  test('the same again changes nothing', async () => {
    const wish = { slug: freshSlug(), name: 'Renamed' };
    const outcomes: string[] = [];
    for (const [id, body] of [
      ['syncOrganization', wish],
      ['syncDatabase', { slug: 'shop' }],
      ['syncBranch', { slug: 'side', production: false }],
      ['syncMember', { name: 'Somebody' }],
    ] as const) {
      const first = await put(id, body);
      const events = await count('audit_events');
      const second = await put(id, body);
      expect([id, second.body.id]).toEqual([id, first.body.id]);
      expect(await count('audit_events')).toBe(events);
      outcomes.push(first.body.outcome, second.body.outcome);
    }
    expect(outcomes).toEqual([
      'updated',
      ...Array(3).fill(['unchanged', 'created']).flat(),
      'unchanged',
    ]);
  });

  test('the first branch gets its name from the platform', async () => {
    await put('syncDatabase', { slug: 'shop' });
    const { body } = await put('syncBranch', { slug: 'main', production: true });
    expect(body.outcome).toBe('updated');
    expect(await count('branches where external_id = $1', at['external_branch'])).toBe(1);
    const last = await put('syncBranch', { slug: 'main', production: false });
    expect([last.status, last.body.reason]).toEqual([409, 'last_production_branch']);
  });

  test('an organization needs a first administrator, and then nobody is made one', async () => {
    const change = { external_organization: randomUUID() };
    const none = await put('syncOrganization', { slug: freshSlug(), name: 'None' }, change);
    expect([none.status, none.body.errors[0].field]).toEqual([422, 'administrator']);
    const raised = await put('syncMember', { role: 'organization_admin' });
    expect([raised.status, raised.body.errors[0].field]).toEqual([422, 'role']);
    const last = await put('syncMember', { role: 'organization_member' }, { who: admin });
    expect([last.status, last.body.reason]).toEqual([409, 'last_administrator']);
  });

  test('a member whom nobody knows yet gets an account that proves nothing', async () => {
    await put('syncMember', {});
    const [account] = await api.db.query<{ password_hash: unknown; email_verified_at: unknown }>(
      statement('select password_hash, email_verified_at from accounts where email = $1'),
      [at['who']],
    );
    expect(account).toEqual({ password_hash: null, email_verified_at: null });
  });

  test('each change tells of the thing itself, before and after', async () => {
    const newest = async () => {
      const [event] = await api.db.query<Record<string, unknown>>(
        statement(`select action, actor_account_id, actor_client_id is not null as by_client,
                          subject, before, after, address
                     from audit_events order by id desc limit 1`),
      );
      return event;
    };
    const byService = { actor_account_id: null, by_client: true, address: '127.0.0.1' };
    const database = (await put('syncDatabase', { slug: 'shop' })).body.id;
    const made = { external_id: at['external_database'], slug: 'shop' };
    const action = 'database.synced';
    const first = { ...byService, action, subject: database, before: null, after: made };
    expect(await newest()).toEqual(first);
    await put('syncDatabase', { slug: 'store' });
    const renamed = { ...first, before: made, after: { ...made, slug: 'store' } };
    expect(await newest()).toEqual(renamed);

    await put('syncBranch', { slug: 'side', production: false });
    const branch = (await put('syncBranch', { slug: 'side', production: true })).body.id;
    expect(await newest()).toMatchObject({
      action: 'branch.synced',
      subject: branch,
      before: { slug: 'side', production: false },
      after: { slug: 'side', production: true },
    });

    const person = (await put('syncMember', {})).body.id;
    expect(await newest()).toMatchObject({ action: 'member.synced', subject: person });
    await api.db.query(statement(`update organization_members set role = 'organization_admin'`));
    await put('syncMember', { role: 'organization_member' });
    expect(await newest()).toMatchObject({
      subject: person,
      before: { role: 'organization_admin' },
      after: { role: 'organization_member' },
    });
  });

  test('what is another organization’s stays there', async () => {
    await put('syncDatabase', { slug: 'shop' });
    const elsewhere = { external_organization: randomUUID() };
    await put('syncOrganization', named(), elsewhere);
    const moved = await put('syncDatabase', { slug: 'shop' }, elsewhere);
    expect([moved.status, moved.body.reason]).toEqual([409, 'external_id_taken']);
    const gone = await put('unsyncDatabase', undefined, elsewhere);
    expect(gone.status).toBe(404);
  });

  test('the same at once is made once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => put('syncDatabase', { slug: 'at-once' })),
    );
    const outcomes = answers.map(({ body }) => body.outcome).toSorted();
    expect(outcomes).toEqual(['created', 'unchanged', 'unchanged', 'unchanged']);
  });

  test('what is deleted is gone, and its name is free', async () => {
    await put('syncDatabase', { slug: 'shop' });
    expect((await put('unsyncDatabase', undefined)).status).toBe(204);
    expect((await put('unsyncDatabase', undefined)).status).toBe(404);
    expect((await put('syncDatabase', { slug: 'shop' })).body.outcome).toBe('created');
    expect((await put('unsyncOrganization', undefined)).status).toBe(204);
    expect((await put('syncDatabase', { slug: 'shop' })).status).toBe(404);
  });
});

interface Line {
  readonly line?: number;
  readonly outcome?: string;
  readonly done?: boolean;
  readonly lines?: number;
  readonly applied?: number;
  readonly [name: string]: unknown;
}

function importPath(): string {
  const external = encodeURIComponent(at['external_organization'] ?? '');
  return requestOf('importLines', { external_organization: external });
}

function importRequest(): { method: string; path: string } {
  const [method = '', path = ''] = importPath().split(' ');
  return { method, path: `/api/v1${path}` };
}

async function importAll(lines: readonly unknown[], key?: string): Promise<Line[]> {
  const text = lines
    .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
    .join('\n');
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const { status, text: answer } = await service.send(importPath(), { body: text, headers });
  expect([status, answer.slice(0, 200)]).toEqual([200, answer.slice(0, 200)]);
  return answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const member = (n: number) => ({ type: 'member', member: `imported-${n}-${at['who']}` });

describe('a stream of lines', () => {
  test('has a result for each, and one event for each thousand', async () => {
    const lines = Array.from({ length: 2_500 }, (_, n) => member(n));
    const events = () => count(`audit_events where action = 'organization.imported'`);
    const before = await events();
    const told = await importAll(lines);
    expect(told).toHaveLength(2_501);
    expect(told.at(-1)).toEqual({ done: true, lines: 2_500, applied: 2_500 });
    expect(told.slice(0, -1).map(({ line }) => line)).toEqual(lines.map((_, n) => n + 1));
    expect(told[0]).toMatchObject({ outcome: 'created', id: expect.stringMatching(/^user_/) });
    expect(await events()).toBe(before + 3);
  });

  test('builds a tree, parents before children, also within one batch', async () => {
    const told = await importAll([
      { type: 'database', external_id: `${at['who']} db`, slug: 'shop' },
      {
        type: 'branch',
        external_id: `${at['who']} main`,
        database: `${at['who']} db`,
        slug: 'main',
        production: true,
      },
      {
        type: 'branch',
        external_id: `${at['who']} dev`,
        database: `${at['who']} db`,
        slug: 'dev',
        production: false,
      },
      member(1),
    ]);
    expect(told.map(({ outcome }) => outcome)).toEqual([
      'created',
      'updated',
      'created',
      'created',
      undefined,
    ]);
    expect(
      await count(
        'branches b join databases d on d.id = b.database_id where d.external_id = $1',
        `${at['who']} db`,
      ),
    ).toBe(2);
  });

  test('one event tells which things a batch made and which it changed, and how', async () => {
    const db = { type: 'database', external_id: randomUUID(), slug: 'shop' };
    await importAll([db, member(1)]);
    const renamed = { ...db, slug: 'store' };
    const [first, second] = await importAll([renamed, member(1)]);
    expect([first?.outcome, second?.outcome]).toEqual(['updated', 'unchanged']);
    const [event] = await api.db.query<{ after: unknown }>(
      statement(`select after from audit_events where action = 'organization.imported'
                  order by id desc limit 1`),
    );
    expect(event?.after).toEqual({
      lines: 2,
      created: 0,
      updated: 1,
      unchanged: 1,
      changes: [
        {
          id: first?.['id'],
          before: { external_id: db.external_id, slug: 'shop' },
          after: { external_id: db.external_id, slug: 'store' },
        },
      ],
    });
    expect(JSON.stringify(event)).not.toContain('@');
  });

  test('a fault takes back its batch and no other', async () => {
    const lines: unknown[] = Array.from({ length: 2_010 }, (_, n) => member(n));
    lines[5] = '{"type":"member"';
    lines[1_005] = { type: 'database', external_id: 'x', slug: 'new' };
    const told = await importAll(lines);
    expect(told[5]).toMatchObject({ line: 6, outcome: 'refused' });
    expect(told[6]).toEqual({ line: 7, outcome: 'not_applied' });
    expect(told[1_005]).toMatchObject({ outcome: 'refused', errors: [{ field: 'slug' }] });
    expect(told[1_006]?.outcome).toBe('not_applied');
    expect(told.at(-1)).toEqual({ done: true, lines: 2_010, applied: 10 });
    expect(await count(`accounts where email like '%' || $1`, at['who'])).toBe(10);
  });

  test('all faults of a batch are told at once', async () => {
    const told = await importAll([
      { type: 'member', member: 'nobody' },
      { type: 'team', slug: 'x' },
      { ...member(1), role: 'organization_admin' },
      { ...member(1), created_at: 'now' },
      '[]',
      'not json',
      { type: 'database', external_id: 'a\u0000', slug: 'UPPER' },
    ]);
    expect(told.slice(0, -1).map(({ outcome }) => outcome)).toEqual(Array(7).fill('refused'));
    expect(told[6]).toMatchObject({ errors: [{ field: 'external_id' }, { field: 'slug' }] });
  });

  test('of a line with very many faults the first are told', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`m${n}`, n]));
    const told = await importAll([{ ...member(1), ...unknown }]);
    const { errors } = told[0] as { errors?: unknown[] };
    expect(errors).toHaveLength(100);
    expect(errors?.[0]).toEqual({ field: 'm0', message: 'is not known here' });
  });

  test('lines may end as they do elsewhere, and blank ones are none', async () => {
    const lines = ['\ufeff', member(1), '\r\n\r\n \t\r\n', member(2), '\r'].map((line) =>
      typeof line === 'string' ? line : JSON.stringify(line),
    );
    const headers = { 'content-type': 'application/x-ndjson' };
    const { text } = await service.send(importPath(), { body: lines.join(''), headers });
    const told = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.map(({ line, outcome }) => [line, outcome])).toEqual([
      [1, 'created'],
      [2, 'created'],
      [undefined, undefined],
    ]);
  });

  test.each<[what: string, line: Buffer]>([
    ['what is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['half a character', Buffer.from('{"type":"member","member":"a\\ud800@x.test"}')],
    ['NUL', Buffer.from('{"type":"database","external_id":"a\\u0000","slug":"a"}')],
    ['an object in an object', Buffer.from(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`)],
  ])('%s is refused, and takes its batch along', async (_what, line) => {
    const good = Buffer.from(`\n${JSON.stringify(member(1))}\n`);
    const headers = { 'content-type': 'application/x-ndjson' };
    const body = Buffer.concat([line, good]);
    const { method, path } = importRequest();
    const response = await fetch(api.issuer + path, {
      method,
      headers: { ...headers, authorization: `Bearer ${await api.serviceToken()}` },
      body,
    });
    const told = (await response.text())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(told.map(({ outcome }) => outcome)).toEqual(['refused', 'not_applied', undefined]);
    expect(told[2]).toEqual({ done: true, lines: 2, applied: 0 });
  });

  test('a stream that breaks off leaves whole batches and no part of one', async () => {
    const complaints = vi.spyOn(console, 'error');
    const { method, path } = importRequest();
    const { hostname, port } = new URL(api.issuer);
    const socket = connect({ host: hostname, port: Number(port) });
    const token = await api.serviceToken();
    socket.write(
      [
        `${method} ${path} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        `Authorization: Bearer ${token}`,
        'Content-Type: application/x-ndjson',
        'Transfer-Encoding: chunked',
        '\r\n',
      ].join('\r\n'),
    );
    const text = Array.from({ length: 1_400 }, (_, n) => `${JSON.stringify(member(n))}\n`).join('');
    socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    let answered = '';
    for await (const chunk of socket) {
      answered += chunk;
      if (answered.includes('"line":1000')) break; // ends the connection
    }
    const later = await importAll([{ ...member(9_999) }]);
    expect(later[0]?.outcome).toBe('created');
    expect(await count(`accounts where email like '%' || $1`, at['who'])).toBe(1_001);
    expect(complaints).not.toHaveBeenCalled();
  });

  test('the same thing twice in one batch is a fault', async () => {
    const told = await importAll([member(1), member(1)]);
    expect(told.map(({ outcome }) => outcome)).toEqual(['not_applied', 'refused', undefined]);
  });

  test('with a key it is done once, and goes on where it broke off', async () => {
    const lines: unknown[] = Array.from({ length: 1_500 }, (_, n) => member(n));
    const key = randomUUID();
    const broken = await importAll([...lines.slice(0, 1_200), 'broken'], key);
    expect(broken.at(-1)).toMatchObject({ applied: 1_000 });
    const again = await importAll(lines, key);
    expect(again.at(-1)).toEqual({ done: true, lines: 1_500, applied: 1_500 });
    expect(again.slice(0, 1_000)).toEqual(broken.slice(0, 1_000));
    expect(again.slice(1_000, -1).every(({ outcome }) => outcome === 'created')).toBe(true);
    const changed = await importAll([member(7_777), ...lines.slice(1)], key);
    expect(changed.at(-1)).toMatchObject({ done: false, applied: 0 });
  });

  describe('one that ended early, sent again whole under its key', () => {
    const lines = () => Array.from({ length: 1_500 }, (_, n) => member(n));
    const outcomes = (told: Line[]) => told.slice(0, -1).map(({ outcome }) => outcome);
    const accounts = () => count(`accounts where email like '%' || $1`, at['who']);
    const imported = () =>
      count(
        `audit_events where action = 'organization.imported' and
        organization_id = (select id from organizations where external_id = $1)`,
        at['external_organization'],
      );

    test('does every line once, and tells of all of them', async () => {
      const [whole, key] = [lines(), randomUUID()];
      const short = await importAll(whole.slice(0, 1_200), key);
      expect(short.at(-1)).toEqual({ done: true, lines: 1_200, applied: 1_200 });
      const first = await importAll(whole, key);
      expect(first.at(-1)).toEqual({ done: true, lines: 1_500, applied: 1_500 });
      expect(first.slice(0, 1_200)).toEqual(short.slice(0, 1_200));
      expect(new Set(outcomes(first))).toEqual(new Set(['created']));
      expect([await accounts(), await imported()]).toEqual([1_500, 3]);
      expect(await importAll(whole, key)).toEqual(first);
      expect([await accounts(), await imported()]).toEqual([1_500, 3]);
    });

    test('is refused with another line among those that were done', async () => {
      const [whole, key] = [lines(), randomUUID()];
      await importAll(whole.slice(0, 1_200), key);
      const changed = await importAll(whole.with(1_100, member(7_777)), key);
      expect(changed.at(-1)).toMatchObject({
        done: false,
        applied: 1_000,
        problem: { type: 'urn:usher:problem:idempotency-key-reused' },
      });
      expect(await accounts()).toBe(1_200);
    });

    test('keeps what was done when a line of the rest is refused', async () => {
      const [whole, key] = [lines(), randomUUID()];
      await importAll(whole.slice(0, 1_200), key);
      const refused = { ...member(8_888), name: 'Usher Security' };
      for (const bad of ['broken', refused]) {
        const told = await importAll(whole.with(1_499, bad as never), key);
        expect(told.at(-1)).toEqual({ done: true, lines: 1_500, applied: 1_200 });
        expect(outcomes(told).slice(1_198, 1_202)).toEqual([
          'created',
          'created',
          'not_applied',
          'not_applied',
        ]);
        expect(told[1_499]?.outcome).toBe('refused');
      }
      const told = await importAll(whole, key);
      expect(told.at(-1)).toEqual({ done: true, lines: 1_500, applied: 1_500 });
    });

    const one = ['twice at once does every line once', 'one session cannot wait'] as const;
    test(...onlyOnPostgres(...one), async () => {
      const [whole, key] = [lines(), randomUUID()];
      await importAll(whole.slice(0, 1_200), key);
      const holder = await api.db.begin();
      const hold = statement('select from organizations where external_id = $1 for update');
      await holder.query(hold, [at['external_organization']]);
      const both = Promise.all([importAll(whole, key), importAll(whole, key)]);
      const waiting = `pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await vi.waitFor(async () => expect(await count(waiting)).toBe(2), { timeout: 20_000 });
      await holder.commit();
      const [first, second] = await both;
      expect(second).toEqual(first);
      expect(first.at(-1)).toEqual({ done: true, lines: 1_500, applied: 1_500 });
      expect([await accounts(), await imported()]).toEqual([1_500, 3]);
    });
  });

  test('a line without an end ends it', async () => {
    const told = await importAll([member(1), 'x'.repeat(20_000)]);
    expect(told.at(-1)).toMatchObject({ done: false, problem: { detail: expect.any(String) } });
  });

  test('is answered while it is still being sent', async () => {
    const answered = Promise.withResolvers<void>();
    const lines = Readable.from(
      (async function* () {
        for (let n = 0; n < 6_000; n++) {
          yield `${JSON.stringify(member(n))}\n`;
          if (n === 1_500) await answered.promise;
        }
      })(),
    );
    const { method, path } = importRequest();
    const response = await fetch(api.issuer + path, {
      method,
      headers: {
        authorization: `Bearer ${await api.serviceToken()}`,
        'content-type': 'application/x-ndjson',
      },
      body: Readable.toWeb(lines) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    let text = '';
    for await (const chunk of response.body ?? []) {
      answered.resolve();
      text += Buffer.from(chunk).toString();
    }
    expect(text).toContain('"done":true,"lines":6000,"applied":6000');
  });

  test('takes nothing but lines', async () => {
    const { status } = await put('importLines', { a: 1 });
    expect(status).toBe(415);
  });
});

describe('names of synchronized members', () => {
  test.each(['a\u0000b', 'a\u202eb', 'a\nb', '=?utf-8?q?x?=', 'www.evil.test', 'Usher Security'])(
    '%j is refused, alone and in an import',
    async (name) => {
      const alone = await put('syncMember', { name }, { who: `${freshSlug()}@example.test` });
      expect([alone.status, alone.body.errors?.[0]?.field]).toEqual([422, 'name']);
      const line = { type: 'member', member: `${freshSlug()}@example.test`, name };
      const [told] = await importAll([line]);
      expect(told).toMatchObject({ outcome: 'refused', errors: [{ field: 'name' }] });
    },
  );
});

test('a byte order mark alone is no line', async () => {
  const headers = { 'content-type': 'application/x-ndjson' };
  const { text } = await service.send(importPath(), { body: '\ufeff\n', headers });
  expect(JSON.parse(text)).toEqual({ done: true, lines: 0, applied: 0 });
});
