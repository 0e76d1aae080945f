/** Many token requests in one statement: each gets all or nothing, whatever becomes of the others. */

import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import {
  type Issuance,
  type IssuedToken,
  issueAfterOthers,
  issueTokens,
} from '../../src/storage/tokens/issuance.ts';
import { findToken } from '../../src/storage/tokens/tokens.ts';
import { onlyOnPostgres, openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSeconds, worldIn } from '../support/world.ts';

const database = forAllTests(openTestDatabase);
const world = forAllTests(() => worldIn(database.db));

function newToken(): IssuedToken {
  const payload = { note: '"quoted", {braces} and \\' };
  return { id: sha256(newId()), scope: 'database:read', payload, lifetimeSeconds: 60 };
}

/** A refresh token of a grant of its own, and what is to be issued for it. */
async function redeeming(grantChange: Record<string, unknown> = {}): Promise<Issuance> {
  const consent = await world.consent(await world.account(), await world.client());
  const grant = await world.grant(consent, grantChange);
  const spent = sha256(await world.token(grant, { kind: 'RefreshToken' }));
  const retryAnswer = Buffer.from([0, 1, 2]);
  const [accessToken, refreshToken] = [newToken(), newToken()];
  return { spent, grantId: grant.id, accessToken, refreshToken, retryAnswer };
}

const isStored = async ({ accessToken }: Issuance) =>
  (await findToken(database.db, 'AccessToken', accessToken.id)) !== undefined;

test('each of many is stored, also one without a refresh token or an answer to keep', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => redeeming()));
  all[2] = { ...(all[2] as Issuance), refreshToken: undefined, retryAnswer: undefined };
  expect(await issueTokens(database.db, all)).toEqual([true, true, true, true, true]);
  for (const { accessToken, refreshToken, spent } of all) {
    const stored = await findToken(database.db, 'AccessToken', accessToken.id);
    expect(stored?.payload).toEqual(accessToken.payload);
    const successor =
      refreshToken && (await findToken(database.db, 'RefreshToken', refreshToken.id));
    expect(successor?.scope).toBe(refreshToken?.scope);
    const before = await findToken(database.db, 'RefreshToken', spent);
    expect(before?.spentSecondsAgo).toBeTypeOf('number');
  }
});

test('of two with the same token in one statement one is stored', async () => {
  const one = await redeeming();
  const other = { ...one, accessToken: newToken(), refreshToken: newToken() };
  const beside = await redeeming();
  const stored = await issueTokens(database.db, [one, beside, other]);
  expect(stored[1]).toBe(true);
  expect([stored[0], stored[2]].toSorted()).toEqual([false, true]);
  expect([await isStored(one), await isStored(other)]).toEqual([stored[0], stored[2]]);
  expect(await issueAfterOthers(database.db, stored[0] ? other : one)).toBe(false);
});

test('one whose grant is over gets nothing, and the others what is theirs', async () => {
  const [live, over] = [await redeeming(), await redeeming({ expires_at: inSeconds(-1) })];
  expect(await issueTokens(database.db, [over, live])).toEqual([false, true]);
  expect([await isStored(over), await isStored(live)]).toEqual([false, true]);
});

test(
  ...onlyOnPostgres(
    'nobody waits for a grant that another transaction holds',
    'the embedded database runs one transaction at a time',
  ),
  async () => {
    const { db } = database;
    const [held, free] = [await redeeming(), await redeeming()];
    const hold = statement('update grants set last_used_at = now() where id = $1');
    let waiting: Promise<boolean> | undefined;
    await db.run(async (tx) => {
      await tx.query(hold, [held.grantId]);
      expect(await issueTokens(db, [held, free])).toEqual([false, true]);
      expect(await isStored(held)).toBe(false);
      waiting = issueAfterOthers(db, held);
    });
    expect(await waiting).toBe(true);
    expect(await isStored(held)).toBe(true);
  },
);
