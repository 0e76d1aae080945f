/** OWASP ASVS 5 section 7.1.2: how many sessions an account has, and what ends all of them. */

import { beforeAll, expect, test } from 'vitest';
import { reinstateAccount, suspendAccount } from '../../src/applications/suspend-account.ts';
import { newId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { listAccountSessions } from '../../src/storage/people/sessions.ts';
import { visit } from '../support/authorize.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import type { UserAgent } from '../support/user-agent.ts';

const dba = 'dba@acme.test';
const server = forAllTests(startTestServer);
let id: string;

beforeAll(async () => {
  id = await accountId(dba);
});

async function accountId(email: string): Promise<string> {
  const find = statement('select id from accounts where email = $1');
  const [row] = await server.database.db.query<{ id: string }>(find, [email]);
  return row?.id ?? '';
}

const signIn = () => signedInAs(server, dba);

const statusOf = async (agent: UserAgent) =>
  (await visit(`${server.issuer}/account`, agent)).status;

test('the 51st sign-in ends the oldest session', async () => {
  const { db } = server.database;
  const [oldest, second] = [await signIn(), await signIn()];
  await db.query(
    statement(`
      insert into sessions (id, uid, account_id, payload, expires_at, created_at)
      select sha256(n::text::bytea), $2 || n, $1, '{}', now() + interval '1 day', now()
        from generate_series(1, 48) n`),
    [id, newId()],
  );
  await signIn();
  expect(await listAccountSessions(db, id)).toHaveLength(50);
  expect(await statusOf(oldest)).toBe(303);
  expect(await statusOf(second)).toBe(200);
});

test('suspending an account ends its sessions; reinstating it revives none', async () => {
  const { db } = server.database;
  const agent = await signIn();
  const operator = await accountId('admin@acme.test');
  await db.query(
    statement('insert into operators (account_id) values ($1) on conflict do nothing'),
    [operator],
  );
  const origin = { address: undefined, userAgent: undefined };
  const actor = { accountId: operator, via: { kind: 'session' }, origin } as const;
  await suspendAccount(db, actor, id);
  await reinstateAccount(db, actor, id);
  expect(await listAccountSessions(db, id)).toEqual([]);
  expect(await statusOf(agent)).toBe(303);
  expect(await statusOf(await signIn())).toBe(200);
});
