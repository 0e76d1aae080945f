/**
 * The language of an account: that of the pages on which its owner last signed in.
 *
 * Source: migrations/20261129095126-languages-of-accounts.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

const remember = statement(`
  update accounts set locale = $2
   where id = $1 and status = 'active' and locale is distinct from $2`);

/** @param locale of the pages, BCP 47. */
export async function rememberLanguage(db: Db, accountId: string, locale: string): Promise<void> {
  await db.query(remember, [accountId, locale]);
}

const select = statement('select locale from accounts where id = $1');

/** @returns undefined for somebody who has not signed in yet. */
export async function languageOf(db: Db, accountId: string): Promise<string | undefined> {
  const [row] = await db.query<{ locale: string | null }>(select, [accountId]);
  return row?.locale ?? undefined;
}
