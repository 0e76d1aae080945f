/**
 * Identifiers: a UUID in the database, a prefixed name outside (`org_`, `db_`, `br_`, `team_`,
 * `user_` and 32 hexadecimal digits). The prefix tells the kind at sight; the UUID never changes.
 *
 * Source: the domain's rule that everything is bound by id.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';

const prefixes = {
  user: 'user',
  organization: 'org',
  database: 'db',
  branch: 'br',
  team: 'team',
} as const;

/** The kinds of thing that have a printed id. */
export type IdKind = keyof typeof prefixes;

/** @returns a new random id, as the database keeps it (RFC 9562 version 4, lower case). */
export function newId(): string {
  return randomUUID();
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text from outside could be an id as the database keeps it: no other reaches a statement. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Prints a stored UUID as `<prefix>_<32 hex digits>`. */
export function printId(kind: IdKind, uuid: string): string {
  return `${prefixes[kind]}_${uuid.replaceAll('-', '')}`;
}

/** @returns the UUID behind a printed id of that kind; undefined for anything else. */
export function parseId(kind: IdKind, printed: string): string | undefined {
  const prefix = `${prefixes[kind]}_`;
  const hex = printed.slice(prefix.length);
  if (!printed.startsWith(prefix) || !/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
