/** WebAuthn Level 3 sections 7.1 and 7.2: what of a passkey is checked, and what is said when it fails. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChallenges } from '../../src/accounts/passkeys/challenges.ts';
import { addPasskey, changePasskeyName } from '../../src/accounts/passkeys/registration.ts';
import { removePasskey, removePassword } from '../../src/accounts/passkeys/remove.ts';
import { signInByPasskey, userHandleOf } from '../../src/accounts/passkeys/sign-in.ts';
import { setFirstPassword } from '../../src/accounts/set-first-password.ts';
import { signUp } from '../../src/accounts/sign-up.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { emptyAccount } from '../../src/storage/people/accounts.ts';
import { listPasskeys } from '../../src/storage/people/passkeys.ts';
import { type Ceremony, createPasskey, type SoftPasskey } from '../support/authenticator.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { addAccount } from './people.ts';

const party = { id: 'auth.test', origin: 'https://auth.test' };
const challenges = createChallenges(randomBytes(32));
const passkeys = { party, challenges };
const browserId = 'browser-1';

const database = forAllTests(openTestDatabase);

let networks = 0;
/** Each asks from a network of its own, so that no test uses up another one's attempts. */
function somewhere() {
  networks += 1;
  return { address: `192.0.${networks >> 8}.${networks & 255}`, userAgent: 'test' };
}

type Change = Partial<Ceremony> & { readonly browserId?: string };

async function add(accountId: string, passkey: SoftPasskey, change: Change = {}, name = 'Key') {
  const { db } = database;
  const binding = { purpose: 'registration', browserId, accountId } as const;
  const challenge = (await challenges.issue(db, binding)).toString('base64url');
  const response = passkey.make({ challenge, origin: party.origin, ...change });
  const wish = { ...passkeys, work: db, accountId, browserId, name, origin: somewhere() };
  return addPasskey({ ...wish, browserId: change.browserId ?? browserId, response });
}

async function challengeFor(browser = browserId): Promise<string> {
  const binding = { purpose: 'sign-in', browserId: browser } as const;
  return (await challenges.issue(database.db, binding)).toString('base64url');
}

function send(response: string, expectedAccountId?: string) {
  const attempt = { ...passkeys, db: database.db, response, browserId, expectedAccountId };
  return signInByPasskey({ ...attempt, origin: somewhere() });
}

async function signIn(passkey: SoftPasskey, change: Change = {}, expected?: string) {
  const challenge = await challengeFor();
  return send(passkey.use({ challenge, origin: party.origin, ...change }), expected);
}

async function person() {
  const account = await addAccount(database.db);
  const passkey = createPasskey();
  expect(await add(account.id, passkey)).toBeUndefined();
  return { account, passkey };
}

const refused = (why: string) => ({ outcome: 'refused', why });

describe('signing in', () => {
  test('a passkey signs its owner in, with or without the handle, and its use is written down', async () => {
    const { account, passkey } = await person();
    const userHandle = userHandleOf(account.id);
    for (const change of [{}, { userHandle }]) {
      expect(await signIn(passkey, change)).toMatchObject({ outcome: 'signed_in', account });
    }
    const [kept] = await listPasskeys(database.db, account.id);
    expect(kept).toMatchObject({ name: 'Key', relyingParty: party.id, transports: ['internal'] });
    expect(kept?.lastUsedAt).toBeInstanceOf(Date);
  });

  test.each<[why: string, what: string, Change]>([
    ['over', 'a challenge of nobody', { challenge: randomBytes(52).toString('base64url') }],
    ['over', 'no challenge', { challenge: '' }],
    ['other_site', 'another origin', { origin: 'https://evil.test', rpId: party.id }],
    ['other_site', 'another RP ID', { rpId: 'evil.test' }],
    ['other_account', 'another handle', { userHandle: randomBytes(16) }],
    ['unverified', 'a device that did not check the person', { isVerified: false }],
    ['invalid', 'a response of another kind', { type: 'webauthn.create' }],
  ])('%s: %s', async (why, _what, change) => {
    const { passkey } = await person();
    expect(await signIn(passkey, change)).toEqual(refused(why));
    expect(await signIn(passkey)).toMatchObject({ outcome: 'signed_in' });
  });

  test('a challenge is used once, in its browser, for its purpose, and is over after five minutes', async () => {
    const { account, passkey } = await person();
    const challenge = await challengeFor();
    const response = passkey.use({ challenge, origin: party.origin });
    expect(await send(response)).toMatchObject({ outcome: 'signed_in' });
    expect(await send(response)).toEqual(refused('over'));
    expect(await signIn(passkey, { challenge: await challengeFor('browser-2') })).toEqual(
      refused('over'),
    );
    const binding = { purpose: 'registration', browserId, accountId: account.id } as const;
    const other = (await challenges.issue(database.db, binding)).toString('base64url');
    expect(await signIn(passkey, { challenge: other })).toEqual(refused('over'));
    // The same row of the clock, five minutes on: what the database is asked decides.
    const late = { ...database.db, query: shiftedBy(-301) };
    const old = await challenges.issue(late, { purpose: 'sign-in', browserId });
    expect(await signIn(passkey, { challenge: old.toString('base64url') })).toEqual(
      refused('over'),
    );
  });

  /** A database whose clock is that many seconds off. */
  function shiftedBy(seconds: number): TestDatabase['db']['query'] {
    return async (asked, values) => {
      const rows = await database.db.query<{ now?: number }>(asked, values);
      return rows.map((row) => ({ ...row, now: (row.now ?? 0) + seconds })) as never;
    };
  }

  test('the counter only goes up; an authenticator without one says 0 each time', async () => {
    const { passkey } = await person();
    for (const [counter, expected] of [
      [0, { outcome: 'signed_in' }],
      [0, { outcome: 'signed_in' }],
      [7, { outcome: 'signed_in' }],
      [7, refused('copied')],
      [3, refused('copied')],
      [0, refused('copied')],
      [8, { outcome: 'signed_in' }],
    ] as const) {
      expect([counter, await signIn(passkey, { counter })]).toMatchObject([counter, expected]);
    }
  });

  test('another one’s signature, a passkey that was removed, and an account that is suspended', async () => {
    const { account, passkey } = await person();
    const stranger = createPasskey();
    const forged = JSON.parse(
      stranger.use({ challenge: await challengeFor(), origin: party.origin }),
    );
    const id = passkey.credentialId.toString('base64url');
    expect(await send(JSON.stringify({ ...forged, id, rawId: id }))).toEqual(refused('invalid'));
    expect(await signIn(stranger)).toEqual(refused('unknown'));
    expect(await signIn(passkey, {}, (await person()).account.id)).toEqual(
      refused('other_account'),
    );
    await database.db.query(statement(`update accounts set status = 'suspended' where id = $1`), [
      account.id,
    ]);
    expect(await signIn(passkey)).toEqual(refused('unknown'));
  });

  test('each refusal is in the audit trail, with the account as its subject and no actor', async () => {
    const { account, passkey } = await person();
    await signIn(passkey, { isVerified: false });
    const [event] = await database.db.query(
      statement(`
        select outcome, actor_account_id as actor, after ->> 'why' as why from audit_events
         where action = 'sign_in.refused' and subject = $1`),
      [`user_${account.id.replaceAll('-', '')}`],
    );
    expect(event).toEqual({ outcome: 'refused', actor: null, why: 'unverified' });
  });

  test('whatever is sent is an answer', async () => {
    const { passkey } = await person();
    const whole = JSON.parse(
      passkey.use({ challenge: await challengeFor(), origin: party.origin }),
    );
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({ at: fc.constantFrom(...Object.keys(whole.response)), value: fc.base64String() })
        .map(({ at, value }) =>
          JSON.stringify({ ...whole, response: { ...whole.response, [at]: value } }),
        ),
      fc
        .record({ at: fc.constantFrom(...Object.keys(whole.response)), value: fc.jsonValue() })
        .map(({ at, value }) => {
          const text = Buffer.from(JSON.stringify(value)).toString('base64url');
          return JSON.stringify({ ...whole, response: { ...whole.response, [at]: text } });
        }),
    );
    await fc.assert(
      fc.asyncProperty(odd, async (response) => {
        expect((await send(response)).outcome).toBe('refused');
      }),
      { numRuns: 150 },
    );
  });

  test('guesses have their own counter, by network', async () => {
    const { db } = database;
    const attempt = { ...passkeys, db, browserId, expectedAccountId: undefined };
    const origin = { address: '198.51.100.1', userAgent: 'test' };
    for (let n = 0; n < 300; n++) await signInByPasskey({ ...attempt, response: '{}', origin });
    expect(await signInByPasskey({ ...attempt, response: '{}', origin })).toMatchObject({
      outcome: 'throttled',
    });
  });
});

describe('adding', () => {
  test.each<[why: string, what: string, Change]>([
    ['over', 'a challenge of nobody', { challenge: randomBytes(52).toString('base64url') }],
    ['over', 'another browser', { browserId: 'browser-2' }],
    ['other_site', 'another origin', { origin: 'https://evil.test', rpId: party.id }],
    ['other_site', 'another RP ID', { rpId: 'evil.test' }],
    ['unverified', 'a device that did not check the person', { isVerified: false }],
    ['invalid', 'a response of another kind', { type: 'webauthn.get' }],
  ])('%s: %s', async (why, _what, change) => {
    const { id } = await addAccount(database.db);
    expect(await add(id, createPasskey(), change)).toBe(why);
    expect(await listPasskeys(database.db, id)).toEqual([]);
  });

  test('one credential is kept once, whosever it is, and there are at most 20', async () => {
    const { account, passkey } = await person();
    expect(await add(account.id, passkey)).toBe('known');
    expect(await add((await addAccount(database.db)).id, passkey)).toBe('known');
    for (let n = 1; n < 20; n++) await add(account.id, createPasskey());
    expect(await add(account.id, createPasskey())).toBe('too_many');
  });

  test('names are names', async () => {
    const { account } = await person();
    expect(await add(account.id, createPasskey(), {}, 'a\u202eb')).toBe('bad_name');
    const [kept] = await listPasskeys(database.db, account.id);
    const wish = { accountId: account.id, id: kept?.id ?? '', origin: somewhere() };
    expect(await changePasskeyName(database.db, { ...wish, name: ' ' })).toBe('bad_name');
    expect(await changePasskeyName(database.db, { ...wish, name: ' Büro ' })).toBeUndefined();
    const other = { ...wish, accountId: (await addAccount(database.db)).id };
    expect(await changePasskeyName(database.db, { ...other, name: 'Mine' })).toBe('gone');
    expect(await listPasskeys(database.db, account.id)).toMatchObject([{ name: 'Büro' }]);
  });

  test('an attestation is never looked at, so no address in a certificate is fetched', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { id } = await addAccount(database.db);
    const { db } = database;
    const binding = { purpose: 'registration', browserId, accountId: id } as const;
    const challenge = (await challenges.issue(db, binding)).toString('base64url');
    const statementOf = new Map<string, unknown>([
      ['alg', -7],
      ['sig', new Uint8Array(70)],
      ['x5c', [new TextEncoder().encode(`http://127.0.0.1:${port}/crl`)]],
    ]);
    const made = createPasskey().make(
      { challenge, origin: party.origin },
      { format: 'packed', statement: statementOf },
    );
    const wish = {
      ...passkeys,
      work: db,
      accountId: id,
      browserId,
      name: 'Key',
      origin: somewhere(),
    };
    expect(await addPasskey({ ...wish, response: made })).toBeUndefined();
    expect(asked).toEqual([]);
    server.close();
  });

  test('whatever is sent is an answer', async () => {
    const { id } = await addAccount(database.db);
    const wish = { ...passkeys, work: database.db, accountId: id, browserId, name: 'Key' };
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (response) => {
        expect(await addPasskey({ ...wish, response, origin: somewhere() })).toBe('malformed');
      }),
      { numRuns: 50 },
    );
  });
});

describe('one way in is left', () => {
  const removal = (accountId: string) => ({
    accountId,
    relyingParty: party.id as string | undefined,
    origin: somewhere(),
  });
  const idOf = async (accountId: string, at = 0) =>
    (await listPasskeys(database.db, accountId))[at]?.id ?? '';

  test('the password goes when there is a passkey; the last passkey then stays', async () => {
    const { db } = database;
    const { account, passkey } = await person();
    expect(await removePassword(db, removal((await addAccount(db)).id))).toBe('last');
    expect(await removePassword(db, removal(account.id))).toBe('removed');
    expect(await removePassword(db, removal(account.id))).toBe('gone');
    const id = await idOf(account.id);
    expect(await removePasskey(db, { ...removal(account.id), id })).toBe('last');
    expect(await signIn(passkey)).toMatchObject({ outcome: 'signed_in' });
    const wish = {
      work: db,
      accountId: account.id,
      password: 'three calm rivers',
      origin: somewhere(),
    };
    expect(await setFirstPassword(wish)).toEqual({ outcome: 'set' });
    expect(await setFirstPassword(wish)).toEqual({ outcome: 'refused', why: 'has_password' });
    expect(await removePasskey(db, { ...removal(account.id), id })).toBe('removed');
    expect(await removePasskey(db, { ...removal(account.id), id })).toBe('gone');
  });

  test('a passkey of another RP ID is no way in, and can always go', async () => {
    const { db } = database;
    const { account } = await person();
    const elsewhere = { ...removal(account.id), relyingParty: 'new.test' };
    expect(await removePassword(db, elsewhere)).toBe('last');
    const id = await idOf(account.id);
    expect(await removePasskey(db, { ...elsewhere, id })).toBe('removed');
  });

  test('nobody removes or renames what is another one’s', async () => {
    const { account } = await person();
    const other = await person();
    const id = await idOf(account.id);
    expect(await removePasskey(database.db, { ...removal(other.account.id), id })).toBe('gone');
    expect(await listPasskeys(database.db, account.id)).toHaveLength(1);
  });

  test('an invitation sets no password for somebody who signs in with a passkey', async () => {
    const { db } = database;
    const { account } = await person();
    await removePassword(db, removal(account.id));
    const attempt = {
      work: db,
      email: account.email,
      name: 'Thief',
      password: 'three calm rivers',
    };
    expect(await signUp({ ...attempt, provesAddress: false, origin: somewhere() })).toEqual({
      outcome: 'refused',
      why: 'has_account',
    });
  });

  test('a deleted account has none', async () => {
    const { account, passkey } = await person();
    await database.db.run((tx) => emptyAccount(tx, account.id));
    expect(await listPasskeys(database.db, account.id)).toEqual([]);
    expect(await signIn(passkey)).toEqual(refused('unknown'));
  });
});
