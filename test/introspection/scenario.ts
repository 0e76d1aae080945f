/**
 * Alice is a member of acme, which has the database shop with the branches main (production) and
 * dev; she let an application use a token. A platform resource server asks.
 */

import { allScopes, formatScope } from '../../src/catalogue/scope-set.ts';
import type { IntrospectionAnswer } from '../../src/introspection/answer.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import type { Db } from '../../src/storage/engine/database.ts';
import { type Columns, type Picked, worldIn } from '../support/world.ts';

export const issuer = 'https://usher.example';

/** Every scope of the catalogue. */
export const everything = formatScope(allScopes);

/** Columns that differ from the usual ones, table by table. */
export interface Change {
  account?: Columns;
  organization?: Columns;
  member?: Columns;
  client?: Columns;
  consent?: Columns;
  grant?: Columns;
  token?: Columns;
}

export type Scenario = Awaited<ReturnType<typeof scenario>>;

export async function scenario(db: Db, change: Change = {}) {
  const world = worldIn(db);
  const alice = await world.account(change.account);
  const acme = await world.organization(change.organization);
  await world.member(acme, alice, change.member);
  const shop = await world.database(acme);
  const main = await world.branch(shop, { production: true });
  const dev = await world.branch(shop);
  const app = await world.client({ scope: everything, ...change.client });
  const api = await world.client({ resource_server: 'platform' });
  const consent = await world.consent(alice, app, change.consent);
  const grant = await world.grant(consent, change.grant);
  const token = await world.token(grant, { scope: everything, ...change.token });

  async function ask(resource?: string, asker = api.id): Promise<IntrospectionAnswer> {
    const [answer] = await introspect(db, [{ asker, token, resource }], issuer);
    if (answer === undefined) throw new Error('a question without an answer');
    return answer;
  }

  return {
    ...{ world, alice, acme, shop, main, dev, app, api, consent, grant, token },
    ask,
    /** Adds to what Alice agreed to. */
    agree: (picked: Picked, scope: string, columns?: Columns) =>
      world.entry(consent, picked, scope, columns),
  };
}
