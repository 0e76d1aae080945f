/** Tokens as the database has them: when they expire, and how to make one older than it is. */

import { sha256 } from '../../src/lib/secrets.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { demoApi, introspectAs, type Node } from './oauth.ts';

type Owner = Pick<Node, 'database'>;

/** Seconds from now until a token expires, by the database's clock; undefined when there is no row. */
export async function secondsLeft({ database }: Owner, token: string): Promise<number | undefined> {
  const [row] = await database.db.query<{ left: number }>(
    statement(`select extract(epoch from expires_at - now())::float8 as left
                 from tokens where id = $1`),
    [sha256(token)],
  );
  return row?.left;
}

/** Makes everything that happened to a token `seconds` older; its grant too. */
export async function age({ database }: Owner, token: string, seconds: number): Promise<void> {
  const by = `make_interval(secs => $2)`;
  await database.db.query(
    statement(`
      with older as (
        update tokens set issued_at = issued_at - ${by}, expires_at = expires_at - ${by},
          consumed_at = consumed_at - ${by}, granted_at = granted_at - ${by}
        where id = $1 returning grant_id)
      update grants g set created_at = created_at - ${by}, expires_at = expires_at - ${by}
        from older where g.id = older.grant_id`),
    [sha256(token), seconds],
  );
}

/** Whether the platform's resource server is told that a token lives. */
export async function isAlive(server: Node, token: string): Promise<boolean> {
  return (await introspectAs(server, demoApi, token)).active;
}
