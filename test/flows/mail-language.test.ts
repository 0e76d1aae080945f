/** Mails that somebody else brings about are in the language of whoever reads them. */

import { describe, expect, test } from 'vitest';
import { resolveExternal } from '../../src/accounts/external-sign-in.ts';
import { newId } from '../../src/lib/ids.ts';
import { approveApplication } from '../../src/organizations/application-approvals.ts';
import { requestApproval } from '../../src/organizations/approval-requests.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { languageOf, rememberLanguage } from '../../src/storage/people/account-languages.ts';
import { emptyAccount } from '../../src/storage/people/accounts.ts';
import { addAccount, password } from '../accounts/people.ts';
import { emailOf, inSession, makeApplication, makeWorld } from '../organizations/world.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';
import { signInBy } from '../support/sign-in.ts';
import { createUserAgent } from '../support/user-agent.ts';
import { newestMail } from './mailed-links.ts';

const server = forAllTests(startTestServer);
const world = forEachTest(() => makeWorld(server.database.db));

const db = () => server.database.db;
const subjectTo = async (email: string) => (await newestMail(server, email))?.subject;
const speaks = (accountId: string, locale: string) => rememberLanguage(db(), accountId, locale);

async function signIn(email: string, language: string): Promise<void> {
  const agent = createUserAgent(server.issuer, { 'accept-language': language });
  await signInBy(agent, email, password);
}

test('the language of an account is that of the pages of the last sign-in', async () => {
  const { id, email } = await addAccount(db());
  expect(await languageOf(db(), id)).toBeUndefined();
  await signIn(email, 'de-AT,en;q=0.5');
  expect(await languageOf(db(), id)).toBe('de');
  await signIn(email, 'fr');
  expect(await languageOf(db(), id)).toBe('en');
  await emptyAccount(db(), id);
  expect(await languageOf(db(), id)).toBeUndefined();
});

describe('an invitation', () => {
  const inviteTo = (email: string) =>
    invite(db(), inSession(world.accounts.admin), world.ids.organizationId, {
      email,
      role: 'organization_member',
    });

  test('is in the language of the account that is invited, whoever invites', async () => {
    const { id, email } = await addAccount(db());
    await speaks(id, 'de');
    await speaks(world.accounts.admin, 'en');
    await inviteTo(email);
    expect(await subjectTo(email)).toMatch(/^Einladung zu /);
  });

  test('is in that of whoever invites, to somebody who has no account or has never signed in', async () => {
    await speaks(world.accounts.admin, 'de');
    const { email } = await addAccount(db());
    for (const address of [email, `${newId()}@new.test`]) {
      await inviteTo(address);
      expect(await subjectTo(address)).toMatch(/^Einladung zu /);
    }
  });

  test('is in the first language where nobody’s is known', async () => {
    const address = `${newId()}@new.test`;
    await inviteTo(address);
    expect(await subjectTo(address)).not.toMatch(/Einladung/);
  });
});

test('a request for an approval is in the administrator’s language, its answer in the member’s', async () => {
  const { admin, member } = world.accounts;
  const at = {
    organizationId: world.ids.organizationId,
    clientId: await makeApplication(db()),
  };
  await speaks(admin, 'de');
  await speaks(member, 'en');
  await requestApproval(db(), inSession(member), at, 'For the reports.');
  expect(await subjectTo(emailOf(admin))).toMatch(/bittet um Genehmigung/);
  await speaks(member, 'de');
  const noCeilings = { scopes: undefined, production: true, maxGrantSeconds: undefined };
  await approveApplication(db(), inSession(admin), at, noCeilings);
  expect((await newestMail(server, emailOf(member)))?.html).toContain('lang="de"');
});

test('what the platform does to an account while its owner is away is told in their language', async () => {
  const { id, email } = await addAccount(db());
  await speaks(id, 'de');
  const person = { issuer: 'https://acme.test', subject: newId(), email, isEmailVerified: true };
  const trust = { name: 'acme', label: 'Acme', trustedDomains: 'all' } as const;
  const by = { origin: { address: undefined, userAgent: undefined }, locale: undefined };
  await resolveExternal(db(), { ...person, name: undefined }, trust, {
    ...by,
    clientId: undefined,
  });
  expect(await subjectTo(email)).toBe('Neue Anmeldemöglichkeit für Ihr Konto');
});
