/**
 * The service clients of the platform: rows of `clients` that operators made, which keep the tree
 * of organizations in step.
 *
 * @module
 */

import { type Db, statement } from './database.ts';

const find = statement(`
  select exists (
    select from clients
     where id = $1 and status = 'active' and owner_organization_id is null and not is_dynamic
       and auth_method = 'private_key_jwt'
       and 'platform:sync' = any (string_to_array(scope, ' '))) as found`);

/** Whether a client is a service client of the platform that may act now. */
export async function isServiceClient(db: Db, clientId: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(find, [clientId]);
  return row?.found === true;
}
