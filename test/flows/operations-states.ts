/** The pages of operators in every state that they can see them in. */

import { statement } from '../../src/storage/engine/database.ts';
import { type Open, type PageState, signedIn } from './page-states.ts';
import { stage } from './stage.ts';

const operator = 'operator@usher.test';

const unsent = statement(`
  insert into mail_outbox (id, kind, subject_id, attempts, failed_at, reason, recipient)
  values (gen_random_uuid(), 'unknown-kind', gen_random_uuid(), 9, now(), 'refused', 'ada@x.test')`);
const sent = statement(`delete from mail_outbox where kind = 'unknown-kind'`);

const found: Open = async (page, server) => {
  await server.database.db.query(unsent);
  await signedIn(`/operations?search=${stage.member}`, operator)(page, server);
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  await server.database.db.query(sent);
};

const suspendedVault = (isSuspended: boolean) =>
  statement(`update organizations set
    suspended_at = ${isSuspended ? 'now()' : 'null'},
    suspension_reason = ${isSuspended ? "'Reported for abuse'" : 'null'} where slug = 'vault'`);

/** While an organization is suspended. */
const suspended =
  (path: string, email: string): Open =>
  async (page, server) => {
    await server.database.db.query(suspendedVault(true));
    await signedIn(path, email)(page, server);
    await page.evaluate(
      `for (const one of document.querySelectorAll('main details')) one.open = true`,
    );
    await server.database.db.query(suspendedVault(false));
  };

const ofVault = 'admin@vault.test';

export const operationsStates: readonly PageState[] = [
  { name: 'operations', open: found },
  { name: 'operations, an organization', open: suspended('/operations?search=vault', operator) },
  { name: 'organization suspended', open: suspended('/organizations/vault', ofVault) },
  { name: 'home with a suspended organization', open: suspended('/organizations', ofVault) },
  { name: 'operations, nothing found', open: signedIn('/operations?search=zzzz', operator) },
  {
    name: 'sign-in, only by passkey',
    open: async (page, server) => {
      await signedIn('/sign-in?again=yes&passkey=yes&next=/operations', operator)(page, server);
      await page.evaluate(`document.querySelector('form[data-passkey]').hidden = false`);
    },
  },
  { name: 'operations of others', open: signedIn('/operations', stage.member) },
];
