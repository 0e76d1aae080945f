/**
 * What is tried against every page and form of the console and of operators, by somebody who may use them:
 * forms of another site, ids that are changed or another organization's, odd queries, other methods, frames.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { printInvitationId } from '../../../src/organizations/invitations.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { consolePrefix } from '../../../src/web/console/console-page.ts';
import { consolePages } from '../../../src/web/console/console-pages.ts';
import { emailOf, type Ids, makeWorld, type World } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

/** Those of operators: the router has no list of them. */
const operatorPages = [
  ['GET', '/operations'],
  ['POST', '/operations/account/:member'],
  ['POST', '/operations/organization/:organization'],
  ['POST', '/operations/client/:client'],
  ['POST', '/operations/mail'],
] as const;

const pages = [
  ...consolePages.map(({ method, path }) => ['admin', method, consolePrefix + path] as const),
  ...operatorPages.map(([method, path]) => ['operator', method, path] as const),
];

const server = forAllTests(startTestServer);
let world: World;
let other: World;
let slug = '';
const cookies = { admin: '', operator: '' };

beforeAll(async () => {
  const { db } = server.database;
  world = await makeWorld(db);
  other = await makeWorld(db);
  const [row] = await db.query<{ slug: string }>(
    statement('select slug from organizations where id = $1'),
    [world.ids.organizationId],
  );
  slug = row?.slug ?? '';
  await db.query(
    statement(`update accounts set password_hash =
      (select password_hash from accounts where email = 'admin@acme.test') where id = $1`),
    [world.accounts.admin],
  );
  for (const [who, email] of [
    ['admin', emailOf(world.accounts.admin)],
    ['operator', 'operator@usher.test'],
  ] as const) {
    const agent = createUserAgent(server.issuer);
    await signInFor(agent, `${server.issuer}/sign-in`, email);
    cookies[who] = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
  }
});

const idsOf = (ids: Ids): Readonly<Record<string, string>> => ({
  slug,
  organization: printId('organization', ids.organizationId),
  member: printId('user', ids.accountId),
  team: printId('team', ids.teamId),
  database: printId('database', ids.databaseId),
  branch: printId('branch', ids.branchId),
  invitation: printInvitationId(ids.invitationId),
  client: ids.ownedApplicationId,
});

const addressOf = (path: string, ids: Readonly<Record<string, string>>) =>
  path.replaceAll(/:(\w+)/g, (_all, name: string) => ids[name] ?? name);

interface Sent {
  readonly method: string;
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
}

async function send(
  who: keyof typeof cookies,
  { method, address, headers = {}, fields = {} }: Sent,
) {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const response = await fetch(server.issuer + address, {
    method,
    redirect: 'manual',
    headers: { cookie: cookies[who], accept: 'text/html', ...headers },
    ...(hasBody
      ? { body: new URLSearchParams({ token: 'x', seen: 'x', role: 'x', ...fields }) }
      : {}),
  });
  await response.text();
  return response;
}

describe.each(pages)('%s: %s %s', (who, method, path) => {
  const own = () => addressOf(path, idsOf(world.ids));

  test('takes nothing from another site', async () => {
    for (const headers of [
      { origin: 'https://evil.test' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const { status } = await send(who, { method, address: own(), headers });
      expect([headers, status]).toEqual([headers, method === 'GET' ? 200 : 403]);
    }
  });

  test('is in no frame and in no store, and no other method is known', async () => {
    const { headers } = await send(who, { method, address: own() });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toContain('no-store');
    for (const wrong of ['PUT', 'DELETE']) {
      expect([403, 404, 405]).toContain(
        (await send(who, { method: wrong, address: own() })).status,
      );
    }
  });

  test('has nothing at ids that are changed, or that are of another organization', async () => {
    const names = Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => name);
    const inside = names.filter((name) => who === 'admin' && name !== 'slug');
    for (const name of inside) {
      const known = idsOf(world.ids);
      const right = known[name] ?? '';
      const wrongs = [
        // Applications are everybody's: an organization decides about those of others.
        ...(name === 'client' ? [] : [idsOf(other.ids)[name] ?? '']),
        right.toUpperCase(),
        `${right}0`,
        right.replace(/^\w+_/, 'x_'),
        '%00',
        '%2e%2e%2f',
        "'",
      ];
      for (const wrong of wrongs) {
        const address = addressOf(path, { ...known, [name]: wrong });
        const { status } = await send(who, { method, address });
        expect([address, [400, 403, 404].includes(status)]).toEqual([address, true]);
      }
    }
  });

  test('takes any query without failing', async () => {
    const odd = ['x', '', '%00', "'", 'user_1', '../..', '💥'.repeat(200), '-1'];
    const known = [
      'after',
      'after-database',
      'search',
      'find',
      'person',
      'on',
      'branch',
      'do',
      'kind',
    ].concat([
      'value',
      'kept',
      'done',
      'member',
      'since',
      'until',
      'subject',
      'app',
      'order',
      'role',
    ]);
    for (const value of odd) {
      const query = known.map(
        (name) => `${name}=${value.startsWith('%') ? value : encodeURIComponent(value)}`,
      );
      const { status } = await send(who, {
        method,
        address: `${own()}?${query.join('&')}&${query[0]}`,
      });
      expect([value, status < 500]).toEqual([value, true]);
    }
    const withNul = { reason: '\0', slug: 'a\0', member: '\0' };
    const { status } = await send(who, { method, address: own(), fields: withNul });
    expect(status).toBe(method === 'GET' ? 200 : 400);
    for (const name of known) {
      const { status } = await send(who, { method, address: `${own()}?${name}=%00%27` });
      expect([name, status < 500]).toEqual([name, true]);
    }
  });
});
