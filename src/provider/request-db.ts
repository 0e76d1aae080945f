/**
 * The database as the library's hooks see it: inside a token request they all share its transaction,
 * so none of them ever waits for a second connection; and a database that is away is an OAuth error.
 *
 * @module
 */

import { errors } from 'oidc-provider';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import type { Database, Db } from '../storage/database.ts';
import { currentRequest } from './request-transaction.ts';

/** @returns a `Db` that is the transaction of the current token request, or the database itself. */
export function requestDb(database: Database): Db {
  return {
    query: (statement, values) =>
      (currentRequest()?.db ?? database).query<never>(statement, values).catch(toOAuthError),
  };
}

/** The error of RFC 6749 section 4.1.2.1 for a database that is away, with status 503. */
export function toOAuthError(error: unknown): never {
  if (!(error instanceof DatabaseUnavailableError)) throw error;
  const away = new errors.TemporarilyUnavailable('the database cannot be reached, try again');
  throw Object.assign(away, { status: 503, statusCode: 503 });
}
