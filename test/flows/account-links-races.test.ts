/** Two processes on one PostgreSQL: a link by mail that is used eight times at once counts once. */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  giveLinkToken,
  insertAccountLink,
  type LinkKind,
} from '../../src/storage/people/account-links.ts';
import { addAccount, password } from '../accounts/people.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import type { Node } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, type Fields, fill, type UserAgent } from '../support/user-agent.ts';

const many = 8;

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2, { settings: { SIGN_UP: 'open' } }));
  const one = forAllTests(() => processes.nodes[0]);
  const two = forAllTests(() => processes.nodes[1] ?? processes.nodes[0]);

  const rows = (sql: string, ...values: unknown[]) =>
    one.database.db.query<Record<string, unknown>>(statement(sql), values);

  /** A link as its mail would bring it. */
  async function link(kind: LinkKind, email: string, accountId?: string): Promise<string> {
    const id = newId();
    const token = `usher_test_${id}`;
    const { db } = one.database;
    await insertAccountLink(db, { id, kind, email, accountId, locale: undefined });
    await giveLinkToken(db, id, { hash: sha256(token), accountId, ttlSeconds: 3600 });
    return token;
  }

  /** A browser at one of the processes, whose address is not the issuer's for the second. */
  const at = (n: number): Node => (n % 2 === 0 ? one : two);

  /** Opens the form eight times, then holds all back until everybody is ready to send it. */
  async function sendAll(
    path: string,
    change: (fields: Fields, n: number) => Fields,
    open?: (agent: UserAgent, node: Node) => Promise<unknown>,
  ) {
    const agents = await Promise.all(
      Array.from({ length: many }, async (_, n) => {
        const { issuer } = at(n);
        const agent = createUserAgent(issuer);
        await open?.(agent, at(n));
        return { agent, page: await agent.get(path), n };
      }),
    );
    const table = path.startsWith('/sign-up') ? 'account_links' : 'accounts';
    const barrier = await one.database.db.begin();
    await barrier.query(statement(`lock table ${table} in share row exclusive mode`));
    const sent = agents.map(({ agent, page, n }) =>
      agent.submit(page, (fields) => change(fields, n), path),
    );
    await expect.poll(() => waiting(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2); // as many as hash at once; the others come behind them
    await barrier.commit();
    return Promise.all(sent);
  }

  async function waiting(): Promise<number> {
    const [row] = await rows(`select count(*)::int as count from pg_locks where not granted`);
    return Number(row?.['count']);
  }

  test('a reset', async () => {
    const account = await addAccount(one.database.db);
    const token = await link('reset', account.email, account.id);
    const pages = await sendAll(`/reset/${token}`, (fields, n) =>
      fill(fields, 'password', `velvet turbine ${n}`),
    );
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 410)).toHaveLength(many - 1);
    const events = await rows(
      `select 1 from audit_events where action = 'password.reset' and actor_account_id = $1`,
      account.id,
    );
    expect(events).toHaveLength(1);
    expect(await rows('select 1 from sessions where account_id = $1', account.id)).toHaveLength(1);
  });

  test('a sign-up', async () => {
    const email = `${newId()}@new.test`;
    const token = await link('sign_up', email);
    const pages = await sendAll(`/sign-up/${token}`, (fields, n) =>
      fill(fill(fields, 'name', `Person ${n}`), 'password', `velvet turbine ${n}`),
    );
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 410)).toHaveLength(many - 1);
    const events = await rows(
      `select 1 from audit_events e join accounts a on a.id = e.actor_account_id
        where action = 'account.signed_up' and a.email = $1`,
      email,
    );
    expect(events).toHaveLength(1);
  });

  test('a change of address', async () => {
    const account = await addAccount(one.database.db);
    const to = `${newId()}@new.test`;
    const token = await link('address', to, account.id);
    const enter = async (agent: UserAgent) => signInBy(agent, account.email, password);
    const pages = await sendAll(`/account/email/${token}`, (fields) => fields, enter);
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1);
    const notices = await rows(
      `select email from account_notices where account_id = $1 and kind = 'address-changed'`,
      account.id,
    );
    expect(notices.map(({ email }) => email).toSorted()).toEqual([account.email, to].toSorted());
  });

  test('a reset on one process ends the sessions of the other at the next question', async () => {
    const account = await addAccount(one.database.db);
    const there = createUserAgent(two.issuer);
    await signInBy(there, account.email, password);
    expect((await there.get('/account')).status).toBe(200);
    const token = await link('reset', account.email, account.id);
    const here = createUserAgent(one.issuer);
    const page = await here.get(`/reset/${token}`);
    await here.submit(page, (fields) => fill(fields, 'password', 'velvet turbine'), '/reset/');
    expect((await there.get('/account')).url).toContain('/sign-in');
  });
});
