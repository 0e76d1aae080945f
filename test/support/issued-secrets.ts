/**
 * What was issued while the tests of one file ran: every code, token, cookie and secret that a
 * client or browser of the tests was given. None of it may be in a table.
 */

import { type Db, statement } from '../../src/storage/engine/database.ts';

const issued = new Map<string, string>();

/** Remembers a secret and what it is; short values are no secrets of ours. */
export function recordSecret(what: string, value: string): void {
  if (value.length >= 10) issued.set(value, what);
}

/** The members of answers that are secrets. */
const secretMembers = [
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'registration_access_token',
  'device_code',
  'user_code',
  'request_uri',
];

/** Remembers the secrets of an endpoint's JSON answer. */
export function recordAnswer(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const name of secretMembers) {
    const value = (body as Record<string, unknown>)[name];
    if (typeof value === 'string') recordSecret(name, value.split(':').at(-1) ?? '');
  }
}

/** Remembers the code that a browser is sent back with. */
export function recordCallback(url: string): void {
  const code = URL.parse(url)?.searchParams.get('code');
  if (code) recordSecret('code', code);
}

/** Before each file: files of one process share this list, and each answers for its own. */
export function forgetSecrets(): void {
  issued.clear();
}

/** @returns what kinds were issued so far. */
export function issuedKinds(): ReadonlySet<string> {
  return new Set(issued.values());
}

/** @returns the kinds of secret that a text contains. */
export function secretsIn(text: string): string[] {
  return Array.from(issued)
    .filter(([value]) => text.includes(value))
    .map(([, what]) => what);
}

/** @returns `table: kind` for every issued secret that a table holds in clear. */
export async function secretsAtRest(db: Db): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    statement(`select table_name as name from information_schema.tables
                where table_schema = 'public' and table_type = 'BASE TABLE'`),
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>(
      statement(`select t::text as row from "${name}" t`),
    );
    const text = rows.map(({ row }) => row + decodedBytes(row)).join('\n');
    found.push(...secretsIn(text).map((what) => `${name}: ${what}`));
  }
  return found;
}

/** A `bytea` prints as hex; a secret stored as bytes must be found too. */
function decodedBytes(row: string): string {
  return Array.from(row.matchAll(/\\x([0-9a-f]+)/g), (hit) =>
    Buffer.from(hit[1] ?? '', 'hex').toString('latin1'),
  ).join('\n');
}
