/**
 * Role by page, and foreign organization by page: every page and form of the console, asked for by an
 * administrator, a member, somebody who is suspended, somebody of another organization, and nobody.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { printInvitationId } from '../../../src/organizations/invitations.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { consolePrefix } from '../../../src/web/console/console-page.ts';
import { consolePages } from '../../../src/web/console/console-pages.ts';
import { emailOf, makeWorld, type World } from '../../organizations/world.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { signInFor } from '../../support/oauth.ts';
import { startTestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';
import { consoleRows } from './console-rows.ts';

const whos = ['admin', 'member', 'suspended', 'outsider'] as const;
type Asker = (typeof whos)[number] | 'nobody';

const server = forAllTests(startTestServer);
let world: World;
let slug = '';
const agents = new Map<Asker, UserAgent>();

beforeAll(async () => {
  const { db } = server.database;
  world = await makeWorld(db);
  const sql = statement('select slug from organizations where id = $1');
  const [row] = await db.query<{ slug: string }>(sql, [world.ids.organizationId]);
  slug = row?.slug ?? '';
  const password = statement(`update accounts set password_hash =
    (select password_hash from accounts where email = 'admin@acme.test') where id = $1`);
  for (const who of whos) {
    await db.query(password, [world.accounts[who]]);
    const agent = createUserAgent(server.issuer);
    await signInFor(agent, `${server.issuer}/sign-in`, emailOf(world.accounts[who]));
    agents.set(who, agent);
  }
  agents.set('nobody', createUserAgent(server.issuer));
});

/** An address of the organization, about what is in it. */
function addressOf(path: string): string {
  const { ids } = world;
  const known: Readonly<Record<string, string>> = {
    slug,
    member: printId('user', ids.accountId),
    team: printId('team', ids.teamId),
    database: printId('database', ids.databaseId),
    branch: printId('branch', ids.branchId),
    invitation: printInvitationId(ids.invitationId),
    client: 'demo-app',
  };
  return (consolePrefix + path).replaceAll(/:(\w+)/g, (_all, name: string) => known[name] ?? name);
}

async function open(who: Asker, path: string): Promise<number | string> {
  const page = await agents.get(who)?.get(addressOf(path));
  return page?.url.includes('/sign-in') ? 'sign-in' : (page?.status ?? 0);
}

/** A form that no page has shown. */
async function send(who: Asker, path: string): Promise<number> {
  const cookie = [...(agents.get(who)?.cookies ?? [])].map((pair) => pair.join('=')).join('; ');
  const response = await fetch(server.issuer + addressOf(path), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
    body: new URLSearchParams({ token: 'x' }),
  });
  await response.text();
  return response.status;
}

describe.each(consolePages)('$method $path', ({ method, path }) => {
  if (method === 'GET') {
    test('opens for its people alone', async () => {
      const row = consoleRows[`GET ${path}`];
      expect(await open('admin', path)).toBe(200);
      expect(await open('member', path)).toBe(row === 'member' ? 200 : 403);
    });
    test('is not there for others', async () => {
      expect(await open('outsider', path)).toBe(404);
      expect(await open('suspended', path)).toBe(404);
      expect(await open('nobody', path)).toBe('sign-in');
    });
  } else {
    test('takes no form that its pages have not shown, and is not there for others', async () => {
      expect(await send('admin', path)).toBe(403);
      expect(await send('outsider', path)).toBe(404);
      expect(await send('suspended', path)).toBe(404);
      expect(await send('nobody', path)).toBe(303); // to sign in
    });
  }
});
