/**
 * The `client_logos` table: the logos of applications, apart from `clients`, so that no list carries one.
 *
 * Source: migrations/20261129124700-application-logos.ts.
 *
 * @module
 */

import { type Db, statement } from '../engine/database.ts';

/** A logo, and what its address names it by. */
export interface Logo {
  /** Of the image, in base64url. */
  readonly digest: string;
  readonly image: Buffer;
}

/** SQL of the digest of a client's logo; null where it has none. @param id SQL of the client's id. */
export const logoDigestOf = (id: string) =>
  `(select l.digest from client_logos l where l.client_id = ${id})`;

const select = statement('select image from client_logos where digest = $1 limit 1');
const save = statement(`
  insert into client_logos (client_id, digest, image) values ($1, $2, $3)
  on conflict (client_id) do update set digest = excluded.digest, image = excluded.image`);
const remove = statement('delete from client_logos where client_id = $1');

/** @returns the image; undefined when no application has it any more. */
export async function findLogoImage(db: Db, digest: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ image: Buffer }>(select, [digest]);
  return row?.image;
}

/** Gives an application a logo, which replaces the one it had. */
export async function saveLogo(tx: Db, clientId: string, { digest, image }: Logo): Promise<void> {
  await tx.query(save, [clientId, digest, image]);
}

/** Takes the logo of an application, if it has one. */
export async function deleteLogo(tx: Db, clientId: string): Promise<void> {
  await tx.query(remove, [clientId]);
}
