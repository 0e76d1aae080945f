/** The pages of somebody who has passkeys, in every state that they can see them in. */

import { randomBytes } from 'node:crypto';
import { newId } from '../../src/lib/ids.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findAccountWithPassword } from '../../src/storage/people/accounts.ts';
import { insertPasskey } from '../../src/storage/people/passkeys.ts';
import { at, type Open, type PageState, signedIn, withScript } from './page-states.ts';
import { stage } from './stage.ts';

const proven = statement(`
  update sessions set payload = payload || '{"acr": "phr"}' where account_id = $1`);
const forget = statement('delete from passkeys where account_id = $1');

/** Two passkeys, one of them made for another RP ID, whose rows are written by hand; gone once it is shown. */
const withPasskeys =
  (path: string, isProven: boolean): Open =>
  async (page, server) => {
    const { db } = server.database;
    const account = await findAccountWithPassword(db, { email: stage.member });
    const accountId = account?.account.id ?? '';
    for (const [name, relyingParty] of [
      ['Firefox on Linux', 'localhost'],
      ['Member (acme)', 'old.example.test'],
    ] as const) {
      await insertPasskey(db, {
        id: newId(),
        accountId,
        credentialId: randomBytes(16),
        publicKey: new Uint8Array(1),
        counter: 0,
        transports: [],
        relyingParty,
        name,
      });
    }
    await signedIn('/account')(page, server);
    if (isProven) await db.query(proven, [accountId]);
    await withScript(at(path))(page, server);
    await db.query(forget, [accountId]);
  };

/** As after the offer that follows a sign-in. */
const justAdded: Open = async (page, server) => {
  await signedIn('/account/sessions')(page, server);
  await page.context().addCookies([{ name: 'usher_done', value: 'passkey', url: server.issuer }]);
  await page.reload();
};

export const passkeyStates: readonly PageState[] = [
  { name: 'sessions, a passkey was just added', open: justAdded },
  { name: 'security, passkeys', open: withPasskeys('/account/security?done=added', true) },
  {
    name: 'security, before changing one',
    open: async (page, server) => {
      await withPasskeys('/account/security', true)(page, server);
      for (const summary of await page.locator('.item').first().locator('summary').all()) {
        await summary.click();
      }
    },
  },
  {
    name: 'security, a passkey is asked for',
    open: withPasskeys('/account/security?done=added', false),
  },
  { name: 'account, a passkey is asked for', open: withPasskeys('/account', false) },
  {
    name: 'account, before it is deleted with passkeys',
    open: withPasskeys('/account/delete', true),
  },
];
