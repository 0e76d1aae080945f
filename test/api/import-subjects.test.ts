/** Import lines that name people by the platform's own id of them, with which they sign in. */

import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { insertAccount } from '../../src/storage/people/accounts.ts';
import { deleteProvider, insertProvider } from '../../src/storage/people/identity-providers.ts';
import { freshSlug } from '../organizations/world.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { startProcesses } from '../support/processes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rowsOf } from '../upstream/providers.ts';
import { type Api, apiOf, type Caller, requestOf, startApi } from './api-server.ts';

const platform = 'https://console.platform.test';

const api = forAllTests(startApi);
const plain = forAllTests(() => api.byService([]));
const naming = forAllTests(() => api.byService(['sign-in']));
const at = forEachTest(() => newOrganization(plain));
const ada = forEachTest(someone);

function someone() {
  const subject = `sub-${randomUUID()}`;
  return { subject, email: `${subject}@trusted.test` };
}

async function newOrganization(by: Caller) {
  const named = { external_organization: randomUUID() };
  const body = { slug: freshSlug(), name: 'People', administrator: 'admin@acme.test' };
  expect((await by.send(requestOf('syncOrganization', named), { body })).status).toBe(200);
  return named;
}

async function importedAt(by: Caller, place: typeof at, ...lines: object[]) {
  const { text } = await by.send(requestOf('importLines', place), {
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const told = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.at(-1)).toMatchObject({ done: true, lines: lines.length });
  return told.slice(0, -1);
}

const imported = (by: Caller, ...lines: object[]) => importedAt(by, at, ...lines);
const member = ({ email, subject }: typeof ada) => ({ type: 'member', member: email, subject });
const refused = (field: string, message = /./) => ({
  outcome: 'refused',
  errors: [{ field, message: expect.stringMatching(message) }],
});

function accountOf(server: TestServer | Api, { email }: typeof ada) {
  return rowsOf(
    server,
    `select a.id, a.email_verified_at is not null as proven, a.password_hash, i.issuer, i.subject,
            i.last_used_at, m.role
       from accounts a
       left join external_identities i on i.account_id = a.id
       left join organization_members m on m.account_id = a.id
      where a.email = $1`,
    email,
  );
}

async function addProvider(id: string, trustedDomains: readonly string[] = ['trusted.test']) {
  const issuer = `https://${id}.test`;
  const secret = { clientId: 'usher', wrappedSecret: Buffer.from('none'), isPrivate: false };
  await insertProvider(api.db, { id, issuer, name: id, trustedDomains, ...secret });
  return issuer;
}

describe('without an identity provider', () => {
  test('a subject is refused, and says why', async () => {
    expect(await imported(naming, member(ada))).toMatchObject([refused('subject', /SIGN_IN_URL/)]);
  });
});

describe('with an identity provider', () => {
  let issuer: string;
  beforeAll(async () => {
    issuer = await addProvider('acme');
  });

  test('makes the account with its identity, proven where the provider is trusted', async () => {
    const [told] = await imported(naming, member(ada));
    expect(told.outcome).toBe('created');
    expect(await accountOf(api, ada)).toMatchObject([
      {
        proven: true,
        issuer,
        subject: ada.subject,
        last_used_at: null,
        role: 'organization_member',
      },
    ]);
    const outside = { ...someone(), email: `${randomUUID()}@elsewhere.test` };
    await imported(naming, member(outside));
    expect(await accountOf(api, outside)).toMatchObject([
      { proven: false, subject: outside.subject },
    ]);
  });

  test('the subject alone says who it is from then on, in every line about people', async () => {
    const { subject } = ada;
    const db = { type: 'database', external_id: randomUUID(), slug: 'shop' };
    const role = { type: 'database_role', database: db.external_id, subject };
    const told = await imported(naming, db, member(ada), { ...role, role: 'database_reader' });
    expect(told.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    const again = await imported(
      naming,
      { type: 'member', subject, member: `${randomUUID()}@new.test`, provider: 'acme' },
      { ...role, role: null },
    );
    expect(again).toMatchObject([
      { outcome: 'unchanged', id: told[1].id },
      { outcome: 'removed', id: told[1].id },
    ]);
    const gone = await imported(plain, { type: 'member_removal', subject });
    expect(gone).toMatchObject([{ outcome: 'removed', id: told[1].id }]);
    expect(await imported(plain, { type: 'member_removal', subject: randomUUID() })).toEqual([
      { line: 1, outcome: 'unchanged' },
    ]);
    expect(await imported(plain, { ...role, role: 'database_reader' })).toMatchObject([
      refused('subject', /member of this organization/),
    ]);
  });

  test('takes a client with the power, alone and beside a line that is no good', async () => {
    expect(await imported(plain, member(ada))).toMatchObject([refused('subject', /--sign-in/)]);
    expect(await imported(plain, member(ada), { type: 'team' })).toMatchObject([
      refused('subject', /--sign-in/),
      { outcome: 'refused' },
    ]);
    expect(await accountOf(api, ada)).toEqual([]);
  });

  test('an account that somebody made before under the address is emptied, and told by mail', async () => {
    const id = newId();
    const stranger = { id, email: ada.email, name: 'A stranger', passwordHash: 'a hash' };
    await insertAccount(api.db, { ...stranger, emailVerifiedAt: undefined });
    const [told] = await imported(naming, member(ada));
    expect(told.outcome).toBe('created');
    expect(await accountOf(api, ada)).toMatchObject([
      { id, proven: true, password_hash: null, subject: ada.subject },
    ]);
    const notices = await rowsOf(api, 'select kind from account_notices where account_id = $1', id);
    expect(notices).toEqual([{ kind: 'identity-connected' }]);
    const events = await rowsOf(
      api,
      `select action, actor_account_id from audit_events where subject = 'user_' || $1 or
         action = 'organization.imported' and after->'changes'->0->>'connected' = $2
        order by id desc limit 3`,
      id,
      issuer,
    );
    expect(events.every((event) => event['actor_account_id'] === null)).toBe(true);
    expect(events.map((event) => event['action'])).toContain('organization.imported');
  });

  test('a member is bound once, and the trail says that they were', async () => {
    await imported(plain, { type: 'member', member: ada.email });
    expect(await imported(naming, member(ada))).toMatchObject([{ outcome: 'updated' }]);
    expect(await imported(naming, member(ada))).toMatchObject([{ outcome: 'unchanged' }]);
    const [event] = await rowsOf(
      api,
      `select after from audit_events where action = 'organization.imported' order by id desc
        offset 1 limit 1`,
    );
    expect(event?.['after']).toMatchObject({ changes: [{ connected: issuer }] });
  });

  test('refuses what would hand an account to somebody else', async () => {
    await imported(naming, member(ada));
    const other = { ...ada, subject: `other-${ada.subject}` };
    expect(await imported(naming, member(other))).toMatchObject([refused('subject', /is bound/)]);
    const elsewhere = { ...someone(), email: `${randomUUID()}@elsewhere.test` };
    await imported(plain, { type: 'member', member: elsewhere.email });
    expect(await imported(naming, member(elsewhere))).toMatchObject([
      refused('member', /trusted with/),
    ]);
    const twin = someone();
    expect(
      await imported(naming, member(twin), member({ ...twin, subject: `2-${twin.subject}` })),
    ).toMatchObject([{ outcome: 'not_applied' }, refused('member', /twice/)]);
    expect(
      await imported(naming, member(twin), member({ ...someone(), subject: twin.subject })),
    ).toMatchObject([{ outcome: 'not_applied' }, refused('member', /twice/)]);
    await rowsOf(api, `update accounts set status = 'suspended' where email = $1`, elsewhere.email);
    expect(await imported(naming, member(elsewhere))).toMatchObject([refused('member', /active/)]);
  });

  test.each<[string, object, string]>([
    ['neither member nor subject', {}, 'member'],
    ['a new subject without an address', { subject: 'nobody yet' }, 'member'],
    ['a subject beside an account', { subject: 's', member: `user_${'0'.repeat(26)}` }, 'member'],
    ['a provider without a subject', { member: 'a@b.test', provider: 'acme' }, 'provider'],
    ['a provider that is none', { member: 'a@b.test', subject: 's', provider: 'no' }, 'provider'],
    ['an empty subject', { member: 'a@b.test', subject: '' }, 'subject'],
    ['a subject that no database holds', { member: 'a@b.test', subject: 'a\0b' }, 'subject'],
    ['a subject too long', { member: 'a@b.test', subject: 's'.repeat(256) }, 'subject'],
  ])('refuses %s by its field', async (_, said, field) => {
    expect(await imported(naming, { type: 'member', ...said })).toMatchObject([refused(field)]);
  });

  test('refuses two ways of naming one person where one is enough', async () => {
    const both = { member: ada.email, subject: ada.subject };
    expect(await imported(naming, { type: 'member_removal', ...both })).toMatchObject([
      refused('subject', /beside member/),
    ]);
  });

  test('a PUT of one member takes the subject as well', async () => {
    const request = requestOf('syncMember', { ...at, who: encodeURIComponent(ada.email) });
    const { subject } = ada;
    expect((await plain.send(request, { body: { subject } })).status).toBe(422);
    const answer = await naming.send(request, { body: { subject, provider: 'acme' } });
    expect([answer.status, answer.body.outcome]).toEqual([200, 'created']);
    expect(await accountOf(api, ada)).toMatchObject([{ issuer, subject }]);
  });

  test('of several providers the line says which', async () => {
    const second = await addProvider('contoso');
    expect(await imported(naming, member(ada))).toMatchObject([
      refused('provider', /acme, contoso/),
    ]);
    await imported(naming, { ...member(ada), provider: 'contoso' });
    expect(await accountOf(api, ada)).toMatchObject([{ issuer: second }]);
    await deleteProvider(api.db, 'contoso');
  });
});

describe('where sign-in is handed to the platform', () => {
  const server = forAllTests(() => startTestServer({ SIGN_IN_URL: `${platform}/usher` }));
  const there = forAllTests(() => apiOf(server));

  test('a subject is that of its sign-in page, whose word counts for every address', async () => {
    const by = await there.byService(['sign-in']);
    const place = await newOrganization(by);
    expect(await importedAt(by, place, member(ada))).toMatchObject([{ outcome: 'created' }]);
    expect(await accountOf(server, ada)).toMatchObject([
      { proven: true, issuer: platform, subject: ada.subject },
    ]);
  });
});

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() =>
    startProcesses(2, { settings: { SIGN_IN_URL: `${platform}/usher` } }),
  );
  let apis: Api[];
  beforeAll(async () => {
    apis = await Promise.all(processes.nodes.map(apiOf));
  });

  test('8 imports of one person at once, into 8 organizations, make one account', async () => {
    const [one] = apis;
    const by = await Promise.all(apis.map((each) => each.byService(['sign-in'])));
    for (let round = 0; round < 3; round++) {
      const who = someone();
      const places = await Promise.all(
        Array.from({ length: 8 }, () => newOrganization(by[0] as Caller)),
      );
      const told = await Promise.all(
        // Half of them know an older address: the subject is one person all the same.
        places.map((place, n) =>
          importedAt(by[n % by.length] as Caller, place, {
            ...member(who),
            ...(round === 2 && n % 4 > 1 && { member: `old-${who.email}` }),
          }),
        ),
      );
      expect(told.map(([line]) => line.outcome)).toEqual(Array(8).fill('created'));
      expect(new Set(told.map(([line]) => line.id)).size).toBe(1);
      const rows = await rowsOf(
        one as Api,
        'select from external_identities where subject = $1',
        who.subject,
      );
      expect(rows).toHaveLength(1);
    }
  });
});
