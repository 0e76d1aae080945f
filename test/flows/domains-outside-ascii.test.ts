/**
 * An address whose domain is not in ASCII is refused, for its letters may look alike: whoever types one is told
 * why, and what to enter.
 */

import { describe, expect, test } from 'vitest';
import { readWho } from '../../src/api/management/import-lines.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent, fill } from '../support/user-agent.ts';

const server = forAllTests(() => startTestServer({ SIGN_UP: 'open' }));
const typed = 'ada@exämple.com';
const form = 'ada@xn--exmple-cua.com';

describe.each([
  ['en', 'Enter this domain in its ASCII form'],
  ['de', 'Geben Sie diese Domain in ihrer ASCII-Form ein'],
])('in %s', (language, words) => {
  test.each(['/sign-up', '/reset', '/sign-in'])('%s', async (path) => {
    const agent = createUserAgent(server.issuer, { 'accept-language': language });
    const page = await agent.submit(await agent.get(path), (fields) =>
      fill(fill(fields, 'email', typed), 'password', 'usher-demo'),
    );
    expect(page.status).toBe(422);
    expect(page.html).toContain('id="email-error"');
    expect(page.html).toContain(`${words}: ${form}.`);
  });
});

test('the contact of an application', async () => {
  const agent = createUserAgent(server.issuer);
  await signInBy(agent, 'member@acme.test');
  const page = await agent.submit(
    await agent.get('/account/applications/own/new'),
    (fields) => fill(fill(fields, 'contact', typed), 'action', 'save'),
    '/account/applications/own/new',
  );
  expect([page.status, page.html.includes(form)]).toEqual([422, true]);
});

test('the APIs say so, too', async () => {
  const { accounts, ids } = await makeWorld(server.database.db);
  const invited = invite(server.database.db, inSession(accounts.admin), ids.organizationId, {
    email: typed,
    role: 'organization_member',
  });
  const fault = { message: expect.stringContaining('with its domain in ASCII (xn--') };
  await expect(invited).rejects.toMatchObject({ refusal: { fields: [fault] } });
  expect(readWho({ member: typed })).toMatchObject(fault);
  expect(readWho({ member: typed, subject: 'ada' })).toMatchObject(fault);
});
