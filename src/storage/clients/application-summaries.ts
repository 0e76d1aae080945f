/**
 * What people are told about an application: its name, who answers for it, and whether anyone has
 * looked at it. Read from `clients` and `organizations`.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** An application, as the person whom it asks sees it. */
export interface ApplicationSummary {
  readonly id: string;
  readonly name: string;
  /** Undefined for an application that registered itself and belongs to nobody known. */
  readonly owner: { readonly id: string; readonly slug: string; readonly name: string } | undefined;
  /** Made by dynamic registration (RFC 7591): its name is its own claim. */
  readonly isDynamic: boolean;
  /** An operator has looked at it. */
  readonly isVerified: boolean;
}

/** The columns of a summary, selected from `clients c left join organizations o`. */
export interface ApplicationRow {
  client_id: string;
  client_name: string;
  is_dynamic: boolean;
  is_verified: boolean;
  owner_id: string | null;
  owner_slug: string | null;
  owner_name: string | null;
}

/** Selects `ApplicationRow`. */
export const applicationColumns = `
  c.id as client_id, c.name as client_name, c.is_dynamic, c.is_verified,
  o.id as owner_id, o.slug as owner_slug, o.name as owner_name`;

const select = statement(`
  select ${applicationColumns}
    from clients c left join organizations o on o.id = c.owner_organization_id
   where c.id = $1`);

/** @returns the application; undefined when there is none of that client id. */
export async function findApplication(
  db: Db,
  clientId: string,
): Promise<ApplicationSummary | undefined> {
  const [row] = await db.query<ApplicationRow>(select, [clientId]);
  return row && toApplication(row);
}

/** Reads the selected columns. */
export function toApplication(row: ApplicationRow): ApplicationSummary {
  const { owner_id: id, owner_slug: slug, owner_name: name } = row;
  return {
    id: row.client_id,
    name: row.client_name,
    owner: id === null ? undefined : { id, slug: slug ?? '', name: name ?? '' },
    isDynamic: row.is_dynamic,
    isVerified: row.is_verified,
  };
}
