/** An application that has more than it uses. */

import { newId } from '../../src/lib/ids.ts';
import { type Database, statement } from '../../src/storage/engine/database.ts';
import { type Ids, makeApplication, makeConsent } from './world.ts';

const useOfOrganization = statement(`
  insert into application_uses (consent_id, organization_id, resource_id, day, uses)
  select id, $2, $2, current_date, 1 from consents where client_id = $1`);
const entryOnDatabase = statement(`
  insert into consent_entries (id, consent_id, account_id, level, organization_id, database_id, scope,
                               version)
  select $1, id, account_id, 'database', $3, $4, 'database:read_database', 1
    from consents where client_id = $2`);

/** Where, and the member who lets the application in. */
type Place = Pick<Ids, 'organizationId' | 'databaseId' | 'accountId'>;

/** Makes an application that a member let in: to the organization, which it used, and to a database. @returns its id. */
export async function makeUnusedAccess(
  db: Database,
  { organizationId, databaseId, accountId }: Place,
): Promise<string> {
  const clientId = await makeApplication(db);
  await makeConsent(db, accountId, clientId, organizationId);
  await db.query(entryOnDatabase, [newId(), clientId, organizationId, databaseId]);
  await db.query(useOfOrganization, [clientId, organizationId]);
  return clientId;
}
