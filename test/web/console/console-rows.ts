/**
 * Who may open which page of the console: one row for each page and form of the list. `administrator` means
 * nobody else in the organization.
 */

export type Opener = 'member' | 'administrator';

export const consoleRows: Readonly<Record<string, Opener>> = {
  'GET ': 'member',
  'GET /why': 'member',
  'GET /settings': 'administrator',
  'POST /settings/name': 'administrator',
};
