/**
 * The service clients of the platform: rows of `clients` that operators made, which keep the tree
 * of organizations in step.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** The condition on a row of `clients` that makes it a service client that may act now. */
export const isServiceClientRow = (row: string) => `
  ${row}.status = 'active' and ${row}.owner_organization_id is null and not ${row}.is_dynamic
    and ${row}.auth_method = 'private_key_jwt'
    and 'platform:sync' = any (string_to_array(${row}.scope, ' '))`;

const find = statement(`
  select exists (select from clients k where k.id = $1 and ${isServiceClientRow('k')}) as found`);

/** Whether a client is a service client of the platform that may act now. */
export async function isServiceClient(db: Db, clientId: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(find, [clientId]);
  return row?.found === true;
}
