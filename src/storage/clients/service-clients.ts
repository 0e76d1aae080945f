/**
 * The service clients of the platform: rows of `clients` that operators made, which keep the tree
 * of organizations in step.
 *
 * @module
 */

import { type ServicePower, servicePowers } from '../../clients/service-clients.ts';
import { type Db, statement } from '../engine/database.ts';

/** The condition on a row of `clients` that makes it a service client that may act now. */
export const isServiceClientRow = (row: string) => `
  ${row}.status = 'active' and ${row}.owner_organization_id is null and ${row}.owner_account_id is null
    and not ${row}.is_dynamic
    and ${row}.auth_method = 'private_key_jwt'
    and 'platform:sync' = any (string_to_array(${row}.scope, ' '))`;

const find = statement(`
  select exists (select from clients k where k.id = $1 and ${isServiceClientRow('k')}) as found`);

/** Whether a client is a service client of the platform that may act now. */
export async function isServiceClient(db: Db, clientId: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(find, [clientId]);
  return row?.found === true;
}

const findPower = statement(`
  select exists (select from clients k where k.id = $1 and ${isServiceClientRow('k')}
    and $2 = any (string_to_array(k.scope, ' '))) as found`);

/** Whether it is a service client that may act now, and was given this power. */
export async function hasServicePower(
  db: Db,
  clientId: string,
  power: ServicePower,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(findPower, [clientId, servicePowers[power]]);
  return row?.found === true;
}
