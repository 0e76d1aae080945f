/** A double click, or two tabs: the second submit of a form that works once gets the first one's answer. */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { commandsOn, freshEmail } from '../operator/operators.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import { copyOf, submitAtOnce } from '../support/submit-twice.ts';
import { texts } from '../support/texts.ts';
import {
  createUserAgent,
  type Fields,
  fill,
  type Page,
  type UserAgent,
} from '../support/user-agent.ts';

const password = 'a password of the invited';
const server = forAllTests(startTestServer);

const rows = (sql: string, ...values: unknown[]) =>
  server.database.db.query<Record<string, unknown>>(statement(sql), values);

const sessionsOf = (email: string) =>
  rows('select 1 from sessions s join accounts a on a.id = s.account_id where a.email = $1', email);

/**
 * Sends a form three times at once, and once more when all is over, with the cookies from before.
 *
 * @returns where each came to, and the browser after the last one of the three.
 */
async function sendOften(
  agent: UserAgent,
  page: Page,
  change: (fields: Fields) => Fields,
  action: string,
) {
  const late = copyOf(agent, server.issuer);
  const press = { change, action };
  const { pages, browser } = await submitAtOnce(agent, page, [press, press, press]);
  const last = await late.submit(page, change, action);
  return { answers: [...pages, last].map(({ status, url }) => [status, url]), browser, late };
}

/** The first answer, for all; and whoever got it is signed in. */
async function expectOneAnswer(
  { answers, browser, late }: Awaited<ReturnType<typeof sendOften>>,
  path: string,
) {
  expect(answers).toEqual(Array(4).fill([200, server.issuer + path]));
  for (const each of [browser, late]) {
    expect((await each.get('/account')).url).toBe(`${server.issuer}/account`);
  }
}

const withPassword = (fields: Fields, email: string, secret: string) =>
  fill(fill(fields, 'email', email), 'password', secret);

describe('the second submit gets the first one’s answer', () => {
  test('sign up and join', async () => {
    const { db } = server.database;
    const world = await makeWorld(db);
    const email = `${newId()}@new.test`;
    const { organizationId } = world.ids;
    const wanted = { email, role: 'organization_member' } as const;
    const { id } = await invite(db, inSession(world.accounts.admin), organizationId, wanted);
    const mail = await composeInvitation(db, id, { issuer: server.issuer, messages: texts });
    const [, path = ''] = /(\/invitations\/\S+)/.exec(mail?.text ?? '') ?? [];
    recordSecret('invitation', path.split('/').at(-1) ?? '');
    const agent = createUserAgent(server.issuer);
    const change = (fields: Fields) =>
      fill(fill(fields, 'name', 'New Person'), 'password', password);
    const sent = await sendOften(agent, await agent.get(path), change, '/sign-up');
    const [{ slug }] = (await rows(
      'select slug from organizations where id = $1',
      organizationId,
    )) as [{ slug: string }];
    await expectOneAnswer(sent, `/organizations/${slug}?done=joined`);
    expect(await sessionsOf(email)).toHaveLength(1);
  });

  test('the set-up page', async () => {
    const email = freshEmail();
    const { link } = await commandsOn(server.database.db, server.issuer)('operator', 'add', email);
    const agent = createUserAgent(server.issuer);
    const page = await agent.get(new URL(String(link)).pathname);
    const change = (fields: Fields) => fill(fields, 'password', password);
    const sent = await sendOften(agent, page, change, '/set-up/');
    await expectOneAnswer(sent, '/account?done=set-up');
    expect(await sessionsOf(email)).toHaveLength(1);
    const other = createUserAgent(server.issuer); // it has seen no form of this link
    expect((await other.get(new URL(String(link)).pathname)).status).toBe(410);
  });

  test('a new password, also with the cookie of the session that it ended', async () => {
    const email = 'team@acme.test';
    const agent = await signedInAs(server, email, 'usher-demo');
    const elsewhere = await signedInAs(server, email, 'usher-demo');
    const change = (fields: Fields) =>
      fill(
        fill(fill(fields, 'current_password', 'usher-demo'), 'new_password', password),
        'repeated_password',
        password,
      );
    const sent = await sendOften(agent, await agent.get('/account'), change, '/account/password');
    await expectOneAnswer(sent, '/account?done=password');
    expect(await sessionsOf(email)).toHaveLength(1);
    expect((await elsewhere.get('/account')).url).toContain('/sign-in');
  });

  test('sign-in: one session', async () => {
    const agent = createUserAgent(server.issuer);
    const page = await agent.get('/sign-in');
    const email = 'member@acme.test';
    const change = (fields: Fields) => withPassword(fields, email, 'usher-demo');
    const sent = await sendOften(agent, page, change, '/sign-in');
    await expectOneAnswer(sent, '/organizations/acme');
    expect(await sessionsOf(email)).toHaveLength(1);
  });
});

describe('what is not the same form', () => {
  test('is one that was refused: it may be sent again', async () => {
    const agent = createUserAgent(server.issuer);
    const page = await agent.get('/sign-in');
    const change = (fields: Fields) => withPassword(fields, 'dba@acme.test', 'wrong');
    const press = { change, action: '/sign-in' };
    const { pages } = await submitAtOnce(agent, page, [press, press]);
    expect(pages.map(({ status }) => status)).toEqual([422, 422]);
    expect((await agent.submit(page, change, '/sign-in')).status).toBe(422);
  });

  test('is one of a page that was shown later: it signs in anew', async () => {
    const agent = await signedInAs(server, 'dba@acme.test', 'usher-demo');
    await agent.submit(await agent.get('/sign-out'));
    const page = await agent.get('/sign-in');
    const back = await agent.submit(page, (fields) =>
      withPassword(fields, 'dba@acme.test', 'usher-demo'),
    );
    expect(back.url).toBe(`${server.issuer}/organizations/acme`);
  });

  test('is one with other fields, or of another browser', async () => {
    const agent = createUserAgent(server.issuer);
    const page = await agent.get('/sign-in');
    await agent.submit(page, (fields) => withPassword(fields, 'dba@acme.test', 'usher-demo'));
    const guess = (fields: Fields) => withPassword(fields, 'dba@acme.test', 'wrong');
    expect((await agent.submit(page, guess, '/sign-in')).status).toBe(422);
    const stranger = createUserAgent(server.issuer);
    await stranger.get('/sign-in');
    const right = (fields: Fields) => withPassword(fields, 'dba@acme.test', 'usher-demo');
    expect((await stranger.submit(page, right, '/sign-in')).status).toBe(403);
  });
});
