/** An invitation works once, in time, for the proven address, as long as the inviter may invite. */

import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { acceptInvitation, declineInvitation } from '../../src/organizations/answer-invitation.ts';
import { findOpenInvitation } from '../../src/organizations/find-invitation.ts';
import { composeInvitation } from '../../src/organizations/invitation-mail.ts';
import { cancelInvitation, invite, resendInvitation } from '../../src/organizations/invitations.ts';
import { changeMemberRole, removeMember, suspendMember } from '../../src/organizations/members.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findMember } from '../../src/storage/people/members.ts';
import { openDb } from '../support/database.ts';
import { forAllTests, forEachTest } from '../support/for-all-tests.ts';
import { texts } from '../support/texts.ts';
import { byToken, emailOf, inSession, makeAccount, makeWorld, outcomeOf } from './world.ts';

const db = forAllTests(openDb);

const world = forEachTest(() => makeWorld(db));
let invited: string;
beforeEach(async () => {
  invited = await makeAccount(db);
});

const admin = () => inSession(world.accounts.admin);
const place = () => ({ organizationId: world.ids.organizationId, accountId: invited });

async function inviteAs(
  role: 'organization_member' | 'organization_admin' = 'organization_member',
  email = emailOf(invited),
) {
  return invite(db, admin(), world.ids.organizationId, { email, role });
}

/** Takes the token out of the mail, as the invited person does. */
async function tokenOf(invitationId: string): Promise<string> {
  const mail = await composeInvitation(db, invitationId, {
    issuer: 'https://usher.test',
    messages: texts,
  });
  return /https:\/\/usher\.test\/invitations\/(\S+)/.exec(mail?.text ?? '')?.[1] ?? 'none';
}

const expire = statement(`update invitations set expires_at = now() where id = $1`);
const storedTokens = statement('select token_hash from invitations where id = $1');

describe('mail', () => {
  test('goes to one address only so often, whoever asks for it', async () => {
    const { id } = await inviteAs();
    const at = { organizationId: world.ids.organizationId, invitationId: id };
    for (let n = 2; n <= 20; n++) await resendInvitation(db, admin(), at);
    const waiting = statement(
      'select attempts, next_attempt_at from mail_outbox where subject_id = $1',
    );
    const before = await db.query(waiting, [id]);
    expect(await outcomeOf(resendInvitation(db, admin(), at))).toBe('throttled');
    expect(await db.query(waiting, [id])).toEqual(before);
    const elsewhere = await makeWorld(db);
    const wish = { email: emailOf(invited), role: 'organization_member' } as const;
    const other = inSession(elsewhere.accounts.admin);
    expect(await outcomeOf(invite(db, other, elsewhere.ids.organizationId, wish))).toBe(
      'throttled',
    );
    expect(await outcomeOf(inviteAs('organization_member', 'another@x.test'))).toBe('done');
  });

  test('is counted only where it is sent', async () => {
    const email = emailOf(invited);
    for (let n = 0; n < 25; n++) {
      const member = inSession(world.accounts.member);
      const wish = { email, role: 'organization_member' } as const;
      const attempt = invite(db, member, world.ids.organizationId, wish);
      expect(await outcomeOf(attempt)).toBe('forbidden role');
    }
    expect(await outcomeOf(inviteAs())).toBe('done');
  });

  test('goes out for one person only so often, to whomever', async () => {
    await inviteAs();
    const bucket = sha256(JSON.stringify(['mail', 'sender', world.accounts.admin]));
    const use = statement('update attempt_counters set attempts = 1000 where bucket = $1');
    await db.query(use, [bucket]);
    const attempt = inviteAs('organization_member', 'somebody@x.test');
    expect(await outcomeOf(attempt)).toBe('throttled');
  });
});

describe('accepting', () => {
  test('makes a member of the role, once', async () => {
    const { id } = await inviteAs();
    const token = await tokenOf(id);
    const { organizationId } = world.ids;
    expect(await acceptInvitation(db, inSession(invited), token)).toBe(organizationId);
    expect(await findMember(db, place())).toMatchObject({ role: 'organization_member' });
    expect(await outcomeOf(acceptInvitation(db, inSession(invited), token))).toBe('not_found');
  });

  test('of eight at once, one succeeds', async () => {
    const token = await tokenOf((await inviteAs()).id);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => outcomeOf(acceptInvitation(db, inSession(invited), token))),
    );
    expect(outcomes.toSorted()).toEqual(['done', ...Array(7).fill('not_found')]);
  });

  test('an invitation as administrator makes one', async () => {
    const token = await tokenOf((await inviteAs('organization_admin')).id);
    await acceptInvitation(db, inSession(invited), token);
    expect(await findMember(db, place())).toMatchObject({ role: 'organization_admin' });
  });

  test('the address is compared in its normal form', async () => {
    const { id } = await inviteAs('organization_member', ` ${emailOf(invited).toUpperCase()} `);
    const token = await tokenOf(id);
    expect(await outcomeOf(acceptInvitation(db, inSession(invited), token))).toBe('done');
  });

  test('is refused when it is too late, to the second', async () => {
    const { id } = await inviteAs();
    const token = await tokenOf(id);
    await db.query(expire, [id]);
    const outcome = await outcomeOf(acceptInvitation(db, inSession(invited), token));
    expect(outcome).toBe('gone invitation_expired');
    expect(await tokenOf(id)).toBe('none');
  });

  describe('is refused when the inviter, meanwhile,', () => {
    let other: string;
    let token: string;
    beforeEach(async () => {
      const { organizationId } = world.ids;
      other = world.ids.accountId;
      const at = { organizationId, accountId: other };
      await changeMemberRole(db, admin(), at, 'organization_admin');
      const wish = { email: emailOf(invited), role: 'organization_member' } as const;
      token = await tokenOf((await invite(db, inSession(other), organizationId, wish)).id);
    });

    test.each([
      ['was removed', removeMember],
      ['was suspended', suspendMember],
      [
        'is no administrator any more',
        (...[on, who, at]: Parameters<typeof removeMember>) =>
          changeMemberRole(on, who, at, 'organization_member'),
      ],
    ])('%s', async (_when, loseRight) => {
      await loseRight(db, admin(), { ...place(), accountId: other });
      const outcome = await outcomeOf(acceptInvitation(db, inSession(invited), token));
      expect(outcome).toBe('gone inviter_lost_right');
      expect(await findMember(db, place())).toBeUndefined();
    });
  });

  test('is for the invited address alone', async () => {
    const token = await tokenOf((await inviteAs()).id);
    const stranger = inSession(await makeAccount(db));
    expect(await outcomeOf(acceptInvitation(db, stranger, token))).toBe('not_found');
    expect(await outcomeOf(declineInvitation(db, stranger, token))).toBe('not_found');
  });

  test('is for an address that is proven', async () => {
    invited = await makeAccount(db, { verified: false });
    const token = await tokenOf((await inviteAs()).id);
    const outcome = await outcomeOf(acceptInvitation(db, inSession(invited), token));
    expect(outcome).toBe('forbidden address_unverified');
  });

  test('is not for a suspended account, nor by token', async () => {
    const token = await tokenOf((await inviteAs()).id);
    const byApplication = await outcomeOf(acceptInvitation(db, byToken(invited), token));
    expect(byApplication).toBe('forbidden not_by_token');
    invited = await makeAccount(db, { status: 'suspended' });
    const other = await tokenOf((await inviteAs()).id);
    expect(await outcomeOf(acceptInvitation(db, inSession(invited), other))).toBe('not_found');
  });
});

test('declining ends it', async () => {
  const token = await tokenOf((await inviteAs()).id);
  await declineInvitation(db, inSession(invited), token);
  expect(await outcomeOf(acceptInvitation(db, inSession(invited), token))).toBe('not_found');
  expect(await outcomeOf(inviteAs())).toBe('done');
});

test('cancelling ends it', async () => {
  const { id } = await inviteAs();
  const token = await tokenOf(id);
  await cancelInvitation(db, admin(), { ...place(), invitationId: id });
  expect(await outcomeOf(acceptInvitation(db, inSession(invited), token))).toBe('not_found');
  expect(
    await composeInvitation(db, id, { issuer: 'https://usher.test', messages: texts }),
  ).toBeUndefined();
});

test('sending it again kills the link that went out before', async () => {
  const { id } = await inviteAs();
  const first = await tokenOf(id);
  await db.query(expire, [id]);
  await resendInvitation(db, admin(), { ...place(), invitationId: id });
  expect(await findOpenInvitation(db, first)).toBeUndefined();
  const second = await tokenOf(id);
  expect(await outcomeOf(acceptInvitation(db, inSession(invited), second))).toBe('done');
});

test('no token is stored, before its mail or after', async () => {
  const { id } = await inviteAs();
  expect(await db.query(storedTokens, [id])).toEqual([{ token_hash: null }]);
  const token = await tokenOf(id);
  const [row] = await db.query<{ token_hash: Buffer }>(storedTokens, [id]);
  expect(row?.token_hash).toHaveLength(32);
  expect(row?.token_hash.includes(token)).toBe(false);
});

test('the page behind the link tells what it is about', async () => {
  const token = await tokenOf((await inviteAs()).id);
  expect(await findOpenInvitation(db, token)).toEqual({
    organizationName: 'Acme',
    email: emailOf(invited),
    role: 'organization_member',
    isExpired: false,
    isPrinted: false,
  });
  expect(await findOpenInvitation(db, `${token}x`)).toBeUndefined();
});

describe('inviting is refused', () => {
  test.each(['', 'nobody', 'a@b', 'a b@c.test', 'ä@b.test'])('for "%s"', async (email) => {
    expect(await outcomeOf(inviteAs('organization_member', email))).toBe('invalid');
  });

  test('for a member, and for who is invited already', async () => {
    const ofMember = inviteAs('organization_member', emailOf(world.accounts.member));
    expect(await outcomeOf(ofMember)).toBe('conflict already_member');
    await inviteAs();
    expect(await outcomeOf(inviteAs())).toBe('conflict already_invited');
  });

  test('as administrator by token', async () => {
    const wish = { email: `${newId()}@x.test`, role: 'organization_admin' } as const;
    const attempt = invite(db, byToken(world.accounts.admin), world.ids.organizationId, wish);
    expect(await outcomeOf(attempt)).toBe('forbidden not_by_token');
  });
});
