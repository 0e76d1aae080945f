/**
 * Two people, at two processes of one database, send forms about the same thing at the same moment: one is done,
 * and the other one is told. And one person sends each form twice: it is done once, and both get one answer.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { lockOrganization } from '../../../src/storage/tree/organizations.ts';
import { addAccount, password } from '../../accounts/people.ts';
import { makeWorld, type World } from '../../organizations/world.ts';
import { onlyOnPostgres } from '../../support/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import type { Node } from '../../support/oauth.ts';
import { startProcesses } from '../../support/processes.ts';
import { signInBy } from '../../support/sign-in.ts';
import { copyOf } from '../../support/submit-twice.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';
import { sendForm, textOf } from './console-people.ts';

/** A form: the page that it is on, what its address ends with, and what is typed into it. */
interface Sent {
  readonly page: string;
  readonly action: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** What only this one of several forms holds. */
  readonly about?: string;
}

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));
  let nodes: readonly [Node, Node];
  let world: World;
  let base = '';
  let ids: Record<string, string>;
  const agents: UserAgent[] = [];

  beforeAll(async () => {
    const [one, two = one] = processes.nodes;
    nodes = [one, two];
    const { db } = one.database;
    world = await makeWorld(db);
    const { organizationId, databaseId, branchId, teamId, accountId } = world.ids;
    const [row] = await rows('select slug from organizations where id = $1', organizationId);
    base = `/organizations/${row?.['slug']}`;
    ids = {
      db: printId('database', databaseId),
      branch: printId('branch', branchId),
      team: printId('team', teamId),
      member: printId('user', accountId),
      dba: printId('user', world.accounts.dba),
      email: `${accountId}@example.test`,
    };
    for (const node of nodes) {
      const { id, email } = await addAccount(db);
      await rows(
        `insert into organization_members (organization_id, account_id, role)
         values ($1, $2, 'organization_admin')`,
        organizationId,
        id,
      );
      const agent = createUserAgent(node.issuer);
      await signInBy(agent, email, password);
      agents.push(agent);
    }
  });

  const rows = (sql: string, ...values: unknown[]) =>
    nodes[0].database.db.query<Record<string, unknown>>(statement(sql), values);
  const known = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_all, name) => ids[name] ?? '');

  const open = (who: number, { page }: Sent) =>
    agents[who]?.get(base + known(page)) ?? Promise.reject(new Error('nobody'));

  const send = (by: UserAgent, page: Page, { action, fields = {}, about = '' }: Sent) => {
    const typed = Object.entries(fields).map(([name, value]) => [name, known(value)]);
    return sendForm(by, page, known(action), Object.fromEntries(typed), known(about));
  };

  const blocked = statement(`select count(*)::int as count from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`);

  /** Lets them go on together, once all of them wait for the organization. */
  async function together(sends: readonly (() => Promise<Page>)[]): Promise<Page[]> {
    const { db } = nodes[0].database;
    const under: Promise<Page>[] = [];
    await db.run(async (tx) => {
      await lockOrganization(tx, world.ids.organizationId);
      for (const one of sends) under.push(one());
      for (let tries = 0; tries < 200; tries++) {
        const [row] = await db.query<{ count: number }>(blocked, []);
        if ((row?.count ?? 0) >= sends.length) return;
        await delay(20);
      }
    });
    return Promise.all(under);
  }

  const isTold =
    /in the meantime|changed this|has a role here already|is taken|invited already|wasn’t invited/;

  test.each<[what: string, one: Sent, other: Sent]>([
    [
      'a role and a suspension',
      {
        page: '/members/{member}',
        action: '{member}/role',
        fields: { role: 'organization_admin' },
      },
      { page: '/members/{member}', action: '/suspend' },
    ],
    [
      'two names of a database',
      { page: '/databases/{db}', action: '{db}/rename', fields: { slug: 'one' } },
      { page: '/databases/{db}', action: '{db}/rename', fields: { slug: 'two' } },
    ],
    [
      'a promotion and a new name of a branch',
      { page: '/databases/{db}', action: '{branch}/promote' },
      { page: '/databases/{db}', action: '{branch}/rename', fields: { slug: 'three' } },
    ],
    [
      'two roles of a person on a database',
      {
        page: '/databases/{db}/access',
        action: '/role',
        fields: { role: 'database_reader' },
        about: '{dba}',
      },
      { page: '/databases/{db}/access', action: '/remove', about: '{dba}' },
    ],
    [
      'two people who add one',
      {
        page: '/databases/{db}/access',
        action: '/access',
        fields: { email: '{email}', role: 'database_reader' },
        about: 'id="email"',
      },
      {
        page: '/databases/{db}/access',
        action: '/access',
        fields: { email: '{email}' },
        about: 'id="administrator-email"',
      },
    ],
    [
      'two names of a team',
      { page: '/teams/{team}', action: '/rename', fields: { name: 'One' } },
      { page: '/teams/{team}', action: '/rename', fields: { name: 'Two' } },
    ],
    [
      'a database more, and the end of a team',
      { page: '/teams/{team}/change?do=delete', action: '/change' },
      { page: '/teams/{team}/change?do=add-member&email={email}', action: '/change' },
    ],
    [
      'two names of the organization',
      { page: '/settings', action: '/name', fields: { name: 'One' } },
      { page: '/settings', action: '/name', fields: { name: 'Two' } },
    ],
    [
      'two choices of a setting',
      { page: '/settings/base-role?value=none', action: '/base-role' },
      { page: '/settings/base-role?value=developer', action: '/base-role' },
    ],
    [
      'two databases of one name',
      { page: '/databases', action: '/databases', fields: { slug: 'same' } },
      { page: '/databases', action: '/databases', fields: { slug: 'same' } },
    ],
  ])('%s: one is done, and the other is told', async (_what, one, other) => {
    const [first, second] = [await open(0, one), await open(1, other)];
    const pages = await together([
      () => send(agents[0] as UserAgent, first, one),
      () => send(agents[1] as UserAgent, second, other),
    ]);
    const told = pages.map((page) => isTold.test(textOf(page)) || page.status === 404);
    expect([told.filter(Boolean).length, pages.map(textOf)]).toMatchObject([1, {}]);
    expect(pages.every(({ status }) => status < 500)).toBe(true);
  });

  test.each<[what: string, sent: Sent]>([
    ['a new database', { page: '/databases', action: '/databases', fields: { slug: 'twice' } }],
    ['a new branch', { page: '/databases/{db}', action: '/branches', fields: { slug: 'twice' } }],
    ['a new team', { page: '/teams', action: '/teams', fields: { name: 'Twice', slug: 'twice' } }],
    [
      'invitations',
      {
        page: '/members/invitations',
        action: '/invitations',
        fields: { addresses: 'twice@x.test', role: 'organization_member' },
      },
    ],
    ['a name', { page: '/settings', action: '/name', fields: { name: 'Twice' } }],
    ['an end', { page: '/databases/{db}', action: '{branch}/delete' }],
    ['a removal', { page: '/members/{member}', action: '/remove' }],
  ])('%s, sent twice to two processes: one answer', async (_what, sent) => {
    const page = await open(0, sent);
    const [one, two] = nodes;
    const { pathname, search } = new URL(page.url);
    const lanes = [one, two, one, two].map((node) => {
      const by = copyOf(agents[0] as UserAgent, node.issuer);
      return send(by, { ...page, url: node.issuer + pathname + search }, sent);
    });
    const pages = await Promise.all(lanes);
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(pages.map(({ url }) => url.replace(/^https?:\/\/[^/]+/, ''))).size).toBe(1);
    const notice = /class="notice[^"]*"[^>]*>\s*<p>([^<]*)/.exec(pages[0]?.html ?? '')?.[1];
    expect(notice).toBeDefined();
    expect(notice).not.toMatch(isTold);
  });
});
