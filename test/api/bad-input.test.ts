/** What cannot be taken is refused with 4xx, and the field is named. */

import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

const api = forAllTests(startApi);
let admin: Caller;
let at: Record<string, string>;
beforeAll(async () => {
  const world = await makeWorld(api.db);
  at = printed(world.ids);
  admin = await api.inBrowser(world.accounts.admin);
});

const withBody = routes
  .filter(({ body, isForPlatform }) => body !== undefined && !isForPlatform)
  .map(
    ({ id, maxBytes = 64 * 1024, isBodyOptional = false }) =>
      [id, maxBytes, isBodyOptional] as const,
  );

describe.each(withBody)('%s', (id, maxBytes, isBodyOptional) => {
  const good = () => samples[id]?.body as object;

  test.each(['user_id', 'org_id', 'created_at', 'constructor', '__proto__'])(
    'knows no member %s',
    async (member) => {
      const body = JSON.stringify(good()).replace(/^\{/, `{"${member}":"x",`).replace(',}', '}');
      const answer = await admin.send(requestOf(id, at), { body });
      expect([answer.status, answer.body.type]).toEqual([422, 'urn:usher:problem:invalid']);
      expect(answer.body.errors.map(({ field }: { field: string }) => field)).toContain(member);
    },
  );

  const broken: [what: string, body: string][] = [
    ['no JSON', '{'],
    ['what is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')],
  ];
  if (!isBodyOptional) broken.push(['nothing', '']);

  test.each(broken)('does not take %s', async (_what, body) => {
    const answer = await admin.send(requestOf(id, at), {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBeOneOf([400, 415]);
  });

  test.each(['[]', '"text"', 'null', '1'])('does not take %s for an object', async (body) => {
    const { status } = await admin.send(requestOf(id, at), { body });
    expect(status).toBe(422);
  });

  test('does not take a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status, body } = await admin.send(requestOf(id, at), { body: 'name=x', headers });
    expect([status, body.type]).toEqual([415, 'urn:usher:problem:unsupported-media-type']);
  });

  test('does not take too much', async () => {
    const { status, body } = await admin.send(requestOf(id, at), {
      body: `"${'x'.repeat(maxBytes)}"`,
    });
    expect([status, body.type]).toEqual([413, 'urn:usher:problem:too-large']);
  });
});

describe('names and slugs', () => {
  const named = { slug: 'good-slug', name: 'Good name' };

  test.each([
    ['of several scripts', 'name', 'Раypal'],
    ['far too long', 'name', 'x'.repeat(401)],
    ['too long', 'name', 'x'.repeat(101)],
    ['empty', 'name', ''],
    ['blank', 'name', '   '],
    ['with a control character', 'name', 'a\u0007b'],
    ['with NUL', 'name', 'a\u0000b'],
    ['with a direction mark', 'name', 'a\u202eb'],
    ['with something invisible', 'name', 'a\u200bb'],
    ['with half a character', 'name', 'a\ud800b'],
    ['that is no text', 'name', 7],
    ['with capitals', 'slug', 'Good'],
    ['that begins with a hyphen', 'slug', '-good'],
    ['too long', 'slug', 'x'.repeat(64)],
    ['reserved', 'slug', 'new'],
    ['with NUL', 'slug', 'a\u0000'],
    ['with a line break at its end', 'slug', 'good\n'],
    ['that looks like another', 'slug', 'gооd'],
  ])('%s are refused: %s', async (_what, field, value) => {
    for (const id of ['createOrganization', 'renameOrganization', 'createTeam', 'renameTeam']) {
      const body = { ...named, [field]: value };
      const answer = await admin.send(requestOf(id, at), { body });
      const fields = answer.body.errors?.map((fault: { field: string }) => fault.field);
      expect([id, answer.status, fields]).toEqual([id, 422, [field]]);
    }
  });

  test('both faults are told at once', async () => {
    const answer = await admin.send(requestOf('createTeam', at), { body: { slug: '', name: '' } });
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields.toSorted()).toEqual(['name', 'slug']);
  });

  test.each(['createDatabase', 'createBranch'])('%s: a slug is taken once', async (id) => {
    const body = { slug: 'taken' };
    expect((await admin.send(requestOf(id, at), { body })).status).toBe(201);
    const again = await admin.send(requestOf(id, at), { body });
    expect([again.status, again.body.reason]).toEqual([409, 'slug_taken']);
  });
});

describe('what is said of a field', () => {
  test.each<[body: object, field: string, message: string]>([
    [{ name: 'A' }, 'slug', 'is required'],
    [{ name: 7, slug: 'a' }, 'name', 'must be a text'],
    [{ name: '', slug: 'a' }, 'name', 'must not be empty'],
    [{ name: 'x'.repeat(401), slug: 'a' }, 'name', 'must have at most 400 characters'],
    [{ name: 'A', slug: 'new' }, 'slug', 'is reserved'],
    [{ name: 'A', slug: 'a', more: 1 }, 'more', 'is not known here'],
  ])('%j', async (body, field, message) => {
    const answer = await admin.send(requestOf('createTeam', at), { body });
    expect(answer.body.errors).toContainEqual({ field, message });
  });

  test.each<[route: string, body: object, field: string, message: string]>([
    ['setBaseRole', { base_role: 'all' }, 'base_role', expect.stringMatching(/^must be one of "/)],
    ['approveApplication', { production: 'no' }, 'production', 'must be true or false'],
    ['approveApplication', { scopes: 'all' }, 'scopes', 'must be a list'],
    ['approveApplication', { max_grant_seconds: 0 }, 'max_grant_seconds', 'must be at least 1'],
    [
      'approveApplication',
      { max_grant_seconds: 1.5 },
      'max_grant_seconds',
      'must be a whole number',
    ],
  ])('%s %j', async (id, body, field, message) => {
    const answer = await admin.send(requestOf(id, at), { body });
    expect(answer.body.errors).toContainEqual({ field, message });
  });

  test('and of a query parameter', async () => {
    const answer = await admin.send(`${requestOf('readAuditLog', at)}?since=yesterday`);
    const message = 'must be a time such as 2026-11-26T09:30:00Z';
    expect(answer.body.errors).toEqual([{ field: 'since', message }]);
  });
});

describe('queries', () => {
  const lists = routes.filter(
    ({ address, query }) => 'limit' in query.shape && address.startsWith('GET'),
  );

  test('every list has parts, but of consents, secrets and managers, of which there are few', () => {
    const whole = routes.filter(
      ({ id }) => id.startsWith('list') && !lists.some((l) => l.id === id),
    );
    expect(whole.map(({ id }) => id).sort()).toEqual([
      'listConsents',
      'listManagers',
      'listOwnedSecrets',
      'listPersonalSecrets',
      'listResourceServerSecrets',
    ]);
  });

  test.each(lists.map(({ id }) => id))('%s', async (id) => {
    const cases: [query: string, field: string][] = [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=1.5', 'limit'],
      ['limit=many', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['cursor=x%00', 'cursor'],
      ['nonsense=1', 'nonsense'],
    ];
    for (const [query, field] of cases) {
      const answer = await admin.send(`${requestOf(id, at)}?${query}`);
      const fields = answer.body.errors?.map((fault: { field: string }) => fault.field);
      expect([query, answer.status, fields]).toEqual([query, 422, [field]]);
    }
  });

  test.each([
    ['listMembers', 'email=a%00b%40c.test', 200],
    ['readAuditLog', 'subject=a%00b', 422],
    ['readAuditLog', 'since=yesterday', 422],
    ['readAuditLog', 'since=2026-02-30T00:00:00Z', 422],
    ['readAuditLog', 'actor=org_0', 422],
    ['exportAuditLog', 'format=xml', 422],
  ])('%s?%s', async (id, query, status) => {
    expect((await admin.send(`${requestOf(id, at)}?${query}`)).status).toBe(status);
  });
});

describe('addresses', () => {
  test.each(['%00', '%ff', '%', '..', 'org_', `org_${'g'.repeat(32)}`, 'x'.repeat(5000), "'--"])(
    'an id that is none names nothing: %s',
    async (id) => {
      const { status } = await admin.send(`GET /organizations/${id}/members`);
      expect(status).toBeOneOf([400, 404]);
    },
  );

  test.each(['%00', '%ff', "'--", 'x'.repeat(200)])(
    'an application that is none: %s',
    async (id) => {
      const answer = await admin.send(requestOf('readApproval', { ...at, application: id }));
      expect(answer.status).toBeOneOf([400, 404]);
    },
  );

  test.each(['a b', 'ä', 'x'.repeat(256)])(
    'an idempotency key must be readable: "%s"',
    async (key) => {
      const answer = await admin.send(requestOf('createTeam', at), {
        body: { slug: 'with-key', name: 'With key' },
        headers: { 'idempotency-key': key },
      });
      expect([answer.status, answer.body.errors?.[0].field]).toEqual([422, 'Idempotency-Key']);
    },
  );
});
