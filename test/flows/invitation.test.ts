/** From the mail of an invitation into the organization, as a person at a browser. */

import { beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { newId } from '../../src/lib/ids.ts';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { cancelInvitation, invite } from '../../src/organizations/invitations.ts';
import { removeMember } from '../../src/organizations/members.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findMember, insertMember } from '../../src/storage/people/members.ts';
import { emailOf, inSession, makeAccount, makeWorld } from '../organizations/world.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { enterPassword } from '../support/sign-in.ts';
import { texts } from '../support/texts.ts';
import { createUserAgent, fill, type Page } from '../support/user-agent.ts';

const password = 'a password of the invited';

const server = forAllTests(startTestServer);
let db: TestServer['database']['db'];
beforeAll(() => {
  db = server.database.db;
});
let hash: string;
beforeAll(async () => {
  hash = await hashPassword(password);
});

const world = forEachTest(() => makeWorld(db));
const agent = forEachTest(() => createUserAgent(server.issuer));

/** Invites an address. @returns the path of the link in the mail. */
async function invited(
  email: string,
  role: 'organization_admin' | 'organization_member' = 'organization_member',
) {
  const { organizationId } = world.ids;
  const admin = inSession(world.accounts.admin);
  const { id } = await invite(db, admin, organizationId, { email, role });
  const mail = await composeInvitation(db, id, { issuer: server.issuer, messages: texts });
  const [, path = ''] = /(\/invitations\/\S+)/.exec(mail?.text ?? '') ?? [];
  recordSecret('invitation', path.split('/').at(-1) ?? '');
  return { id, path };
}

async function personWithPassword(): Promise<{ accountId: string; email: string }> {
  const accountId = await makeAccount(db);
  await db.query(statement('update accounts set password_hash = $2 where id = $1'), [
    accountId,
    hash,
  ]);
  return { accountId, email: emailOf(accountId) };
}

function roleIn(accountId: string) {
  const { organizationId } = world.ids;
  return findMember(db, { organizationId, accountId }).then((member) => member?.role);
}

async function accountOf(email: string): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    statement('select id from accounts where email = $1'),
    [email],
  );
  return row?.id ?? '';
}

const signUp = (page: Page, name = 'New Person', secret = password) =>
  agent.submit(page, (fields) => fill(fill(fields, 'name', name), 'password', secret));

const press = (page: Page, action: string) =>
  agent.submit(page, (fields) => fill(fields, 'action', action), '/invitations/');

describe('somebody new', () => {
  const fresh = () => `${newId()}@new.test`;

  test('signs up with name and password, and is in', async () => {
    const email = fresh();
    const { path } = await invited(email);
    const page = await agent.get(path);
    expect(page.html).toContain('Join Acme');
    expect(page.html).toContain(email);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const done = await signUp(page);
    expect(done.url).toMatch(/\/organizations\/[\w-]+\?done=joined$/);
    expect(done.html).toContain('You’ve joined the organization.');
    expect(await roleIn(await accountOf(email))).toBe('organization_member');
    expect((await agent.get(path)).status).toBe(404);
  });

  test.each([
    ['a short password', 'New Person', 'short', 'at least 8 characters'],
    ['a hidden name', 'a\u202eb', password, 'visible characters'],
  ])('is told what is wrong with %s, and keeps the rest', async (_what, name, secret, told) => {
    const email = fresh();
    const { path } = await invited(email);
    const again = await signUp(await agent.get(path), name, secret);
    expect([again.status, again.html.includes(told)]).toEqual([422, true]);
    expect(await accountOf(email)).toBe('');
    expect((await signUp(again)).url).toContain('done=joined');
  });

  test('takes over the account that the platform made for the address', async () => {
    const email = fresh();
    const { path } = await invited(email);
    const id = newId();
    await db.query(statement('insert into accounts (id, email, name) values ($1, $2, $3)'), [
      id,
      email,
      'Imported',
    ]);
    await signUp(await agent.get(path));
    expect(await accountOf(email)).toBe(id);
    expect(await roleIn(id)).toBe('organization_member');
  });
});

describe('somebody with an account', () => {
  test('signs in and accepts', async () => {
    const { accountId, email } = await personWithPassword();
    const { path } = await invited(email, 'organization_admin');
    const page = await agent.get(path);
    expect(page.html).toContain('Organization Administrator');
    const link = /href="(\/sign-in[^"]+)"/.exec(page.html)?.[1] ?? '';
    const back = await enterPassword(agent, await agent.get(link), email, password);
    expect(back.url).toContain(path);
    const twice = await Promise.all([press(back, 'accept'), press(back, 'accept')]);
    const late = [await press(back, 'accept'), await press(back, 'decline')];
    for (const { url } of [...twice, ...late]) expect(url).toContain('done=joined'); // the first counts
    expect(await roleIn(accountId)).toBe('organization_admin');
  });

  test('declines, and it is over', async () => {
    const { accountId, email } = await personWithPassword();
    const { path } = await invited(email);
    const page = await signInFor(email, path);
    expect((await press(page, 'decline')).url).toContain('done=declined');
    expect(await roleIn(accountId)).toBeUndefined();
    expect((await agent.get(path)).status).toBe(404);
  });

  test.each(['', 'perhaps'])(
    'answers with neither yes nor no ("%s"): nothing is done',
    async (said) => {
      const { email } = await personWithPassword();
      const { path } = await invited(email);
      const page = await signInFor(email, path);
      expect((await press(page, said)).status).toBe(400);
      expect((await agent.get(path)).status).toBe(200);
    },
  );

  test('cannot take what another address was invited to', async () => {
    const { accountId, email } = await personWithPassword();
    const { path: own } = await invited(email);
    const { path } = await invited(`${newId()}@new.test`);
    const page = await signInFor(email, own);
    expect((await agent.get(path)).html).toContain('for another email');
    const forged = await agent.submit(
      { ...page, html: page.html.replaceAll(own, path) },
      (fields) => fill(fields, 'action', 'accept'),
      path,
    );
    expect(forged.status).toBe(403);
    expect(await roleIn(accountId)).toBeUndefined();
  });

  test('cannot be signed up over', async () => {
    const { email } = await personWithPassword();
    const fresh = `${newId()}@new.test`;
    const { path } = await invited(fresh);
    const page = await agent.get(path);
    await db.query(statement('update invitations set email = $2 where email = $1'), [fresh, email]);
    const refused = await signUp(page);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('Sign in');
  });
});

describe('an invitation that is over', () => {
  test('was cancelled', async () => {
    const { id, path } = await invited(`${newId()}@new.test`);
    const { organizationId } = world.ids;
    await cancelInvitation(db, inSession(world.accounts.admin), {
      organizationId,
      invitationId: id,
    });
    expect((await agent.get(path)).status).toBe(404);
  });

  test('has expired, to the second', async () => {
    const { id, path } = await invited(`${newId()}@new.test`);
    const page = await agent.get(path);
    await db.query(statement('update invitations set expires_at = now() where id = $1'), [id]);
    expect((await agent.get(path)).status).toBe(410);
    expect((await signUp(page)).status).toBe(410);
  });

  test('was sent by somebody who may not invite any more', async () => {
    const email = `${newId()}@new.test`;
    const { path } = await invited(email);
    const page = await agent.get(path);
    const other = await makeAccount(db);
    const { organizationId } = world.ids;
    await insertMember(db, { organizationId, accountId: other, role: 'organization_admin' });
    const accountId = world.accounts.admin;
    await removeMember(db, inSession(other), { organizationId, accountId });
    expect((await signUp(page)).status).toBe(410);
    expect(await roleIn(await accountOf(email))).toBeUndefined();
  });

  test.each(['nothing', 'usher_inv_', '%00', 'x'.repeat(3000)])('never was: %s', async (token) => {
    expect((await agent.get(`/invitations/${token}`)).status).toBeOneOf([400, 404]);
  });
});

async function signInFor(email: string, path: string): Promise<Page> {
  const page = await agent.get(`/sign-in?next=${encodeURIComponent(path)}`);
  return enterPassword(agent, page, email, password);
}
