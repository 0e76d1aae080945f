/**
 * Every route, with the ids of another organization, for every role and every kind of caller: the
 * answer is the one for ids that nothing has, and nothing is changed.
 *
 * The cases follow from the tables of routes; a route without a sample fails.
 */

import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { namesIn } from '../../src/api/management/path-parameters.ts';
import { routes } from '../../src/api/management/routes.ts';
import { printId } from '../../src/lib/ids.ts';
import { approveApplication } from '../../src/organizations/application-approvals.ts';
import { addTeamDatabase } from '../../src/organizations/team-contents.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import {
  freshSlug,
  inSession,
  makeApplication,
  makeWorld,
  people,
} from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { type Answer, type Caller, printed, requestOf, startApi } from './api-server.ts';
import { samples } from './samples.ts';

const api = forAllTests(startApi);
const home = forAllTests(() => makeWorld(api.db));
let own: Record<string, string>;
let foreign: Record<string, string>;
/** As `foreign`, of things that do not exist. */
let nowhere: Record<string, string>;
let foreignMember: string;
const callers: [name: string, caller: Caller][] = [];

const approvedAbroad = 'approved-abroad';
const noCeilings = { scopes: undefined, production: true, maxGrantSeconds: undefined };

beforeAll(async () => {
  const abroad = await makeWorld(api.db);
  const administrator = inSession(abroad.accounts.admin);
  await makeApplication(api.db, approvedAbroad);
  const { organizationId } = abroad.ids;
  await approveApplication(
    api.db,
    administrator,
    { organizationId, clientId: approvedAbroad },
    noCeilings,
  );
  own = printed(home.ids);
  foreign = { ...printed(abroad.ids), application: approvedAbroad };
  nowhere = Object.fromEntries(
    Object.entries(foreign).map(([kind, id]) => [kind, unknownLike(id)]),
  );
  foreignMember = printId('user', abroad.accounts.dba);

  const service = await api.byService();
  for (const at of [own, foreign]) {
    await made(service, 'syncOrganization', at);
    await made(service, 'syncDatabase', at);
    await made(service, 'syncBranch', at);
    await made(service, 'syncMember', at);
  }

  for (const who of people.filter((name) => name !== 'closed')) {
    callers.push([`${who} in a browser`, await api.inBrowser(home.accounts[who])]);
  }
  callers.push([
    'administrator by token',
    await api.byToken(home.accounts.admin, home.ids.organizationId),
  ]);
  callers.push(['service client', await api.byService()]);
}, 120_000);

async function made(caller: Caller, id: string, at: Record<string, string>): Promise<void> {
  const { status, text } = await caller.send(requestOf(id, at), { body: samples[id]?.body });
  expect([id, status, text]).toEqual([id, 200, text]);
}

/** Of the same form, and nothing's. */
function unknownLike(id: string): string {
  const hex = randomUUID().replaceAll('-', '');
  if (/^[0-9a-f-]{36}$/.test(id)) return randomUUID();
  return /^[a-z]+_[0-9a-f]{32}$/.test(id) ? id.replace(/[0-9a-f]{32}$/, hex) : `unknown-${hex}`;
}

/** What a caller can tell: all but the names of the request and the time. */
function told({ status, headers, text, body }: Answer) {
  const untold = ['x-request-id', 'date', 'content-length'];
  return {
    status,
    headers: [...headers].filter(([name]) => !untold.includes(name)),
    text: text.replaceAll(String(body?.request_id), ''),
  };
}

const tables = ['organizations', 'organization_members', 'databases', 'branches', 'teams']
  .concat(['team_members', 'team_databases', 'database_roles', 'invitations'])
  .concat(['application_approvals', 'approval_requests', 'application_shut_outs', 'accounts'])
  .concat(['clients', 'client_secrets', 'client_managers', 'client_logos', 'client_proved_hosts']);

async function everything(db: Database): Promise<string> {
  const found = await Promise.all(
    tables.map((table) => db.query(statement(`select t::text from ${table} t order by 1`))),
  );
  return JSON.stringify(found);
}

const withIds = routes.filter(({ address }) => namesIn(address).length > 0);

/** An application that another organization approved is any application. */
const anybodys = new Set([
  'approveApplication application',
  'requestApproval application',
  'adoptApplication adoptable',
  'shutOutApplication application',
]);

/** What the platform's own client names: it knows all people and organizations, or wants them to be there. */
const madeByService = new Set([
  'syncDatabase external_database',
  'syncBranch external_branch',
  'syncMember who',
  'nameSignIn challenge',
  'listConsents who',
]);

/** A token is refused what is a person's own before it is asked which. */
function statusOf(address: string, who: string): number {
  return address.includes(' /user/') && who.endsWith('by token') ? 403 : 404;
}

test('every route has a sample', () => {
  expect(Object.keys(samples).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
});

describe.each(withIds.map((route) => [route.id, route] as const))('%s', (id, { address }) => {
  const sent = () => ({ body: samples[id]?.body, headers: samples[id]?.headers ?? {} });
  const query = samples[id]?.query ?? '';

  test('in another organization is as in none', async () => {
    const before = await everything(api.db);
    for (const [name, caller] of callers.filter(([who]) => who !== 'service client')) {
      const abroad = told(await caller.send(requestOf(id, foreign) + query, sent()));
      const none = told(await caller.send(requestOf(id, nowhere) + query, sent()));
      expect([name, abroad]).toEqual([name, none]);
      expect([name, abroad.status]).toEqual([name, statusOf(address, name)]);
    }
    expect(await everything(api.db)).toBe(before);
  });

  const inner = namesIn(address).filter(
    (kind) => !kind.endsWith('organization') && !anybodys.has(`${id} ${kind}`),
  );
  test.each(inner)('with the %s of another organization is as with none', async (kind) => {
    const before = await everything(api.db);
    const isMade = madeByService.has(`${id} ${kind}`);
    for (const [name, caller] of callers) {
      if (isMade && name === 'service client') continue;
      const ask = async (ids: Record<string, string>) =>
        told(await caller.send(requestOf(id, { ...own, [kind]: ids[kind] ?? '' }) + query, sent()));
      const [abroad, none] = [await ask(foreign), await ask(nowhere)];
      expect([name, abroad]).toEqual([name, none]);
      expect([name, abroad.status]).toEqual([name, expect.toBeOneOf([403, 404, 422])]);
    }
    expect(await everything(api.db)).toBe(before);
  });

  test('to a stranger is as to nobody’s organization, whatever the headers say', async () => {
    const stranger = await strangerOf();
    const headers = { 'if-match': '"anything"', 'idempotency-key': freshSlug() };
    const here = told(
      await stranger.send(requestOf(id, own) + query, {
        ...sent(),
        headers: { ...sent().headers, ...headers },
      }),
    );
    const none = told(
      await stranger.send(requestOf(id, nowhere) + query, {
        ...sent(),
        headers: { ...sent().headers, ...headers },
      }),
    );
    expect(here).toEqual(none);
    expect(here.status).toBe(404);
  });
});

let stranger: Caller | undefined;
async function strangerOf(): Promise<Caller> {
  stranger ??= await api.inBrowser(home.accounts.outsider);
  return stranger;
}

describe('ids beside the address', () => {
  test.each(['readAuditLog', 'exportAuditLog'])(
    '%s: of another organization’s people nothing is told',
    async (id) => {
      const admin = await api.inBrowser(home.accounts.admin);
      const query = samples[id]?.query ?? '?';
      for (const filter of ['actor', 'subject']) {
        const ask = async (who: string) =>
          told(await admin.send(`${requestOf(id, own)}${query}&${filter}=${who}`));
        expect(await ask(foreignMember)).toEqual(await ask(unknownLike(foreignMember)));
      }
    },
  );

  test('in a body, they are refused like those of nobody', async () => {
    const service = await api.byService();
    const make = async (administrator: string) =>
      told(
        await service.send('POST /organizations', {
          body: { slug: freshSlug(), name: 'Made', administrator },
        }),
      );
    expect((await make(unknownLike(foreignMember))).status).toBe(422);
  });

  test('a team’s database must be of the same organization', async () => {
    const { organizationId, teamId, databaseId } = home.ids;
    const admin = inSession(home.accounts.admin);
    await addTeamDatabase(api.db, admin, { organizationId, teamId, databaseId });
    const caller = await api.inBrowser(home.accounts.admin);
    const at = { ...own, database: foreign['database'] ?? '' };
    expect((await caller.send(requestOf('addTeamDatabase', at))).status).toBe(404);
  });
});
