/**
 * The database as the library's hooks see it: what goes wrong there is an OAuth error.
 *
 * @module
 */

import { errors, Provider } from 'oidc-provider';
import { databaseUnavailable } from '../http/oauth-error.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { brokeConstraint, type Database, type Db } from '../storage/engine/database.ts';
import { currentTransaction } from './request-transaction.ts';

/**
 * @returns the database, or the transaction of the request at hand, with its errors as the library
 *   answers them.
 */
export function requestDb(database: Database): Db {
  return {
    query: (statement, values) =>
      (currentTransaction() ?? database)
        .query<never>(statement, values)
        .catch(refuseUnstorable)
        .catch(toOAuthError),
  };
}

/** The SQLSTATEs for a NUL in a text and in JSON; PostgreSQL stores neither. */
const unstorable = ['22021', '22P05'];

/** No value of ours has such a character, so it came with the request. */
function refuseUnstorable(error: unknown): never {
  if (!unstorable.some((code) => brokeConstraint(error, code))) throw error;
  throw new errors.InvalidRequest('a parameter contains a character that is not allowed');
}

/**
 * A database that is away, as the library answers it: 503, and never by way of the application, so that
 * a browser reads the same as everybody else. Pages outside the OAuth endpoints, which use the library's
 * sessions too, get the error as it is.
 */
export function toOAuthError(error: unknown): never {
  const isPage = Provider.ctx === undefined;
  if (isPage || !(error instanceof DatabaseUnavailableError)) throw error;
  const { status: statusCode, description } = databaseUnavailable;
  const away = new errors.TemporarilyUnavailable(description);
  const status = { status: statusCode, statusCode, allow_redirect: false };
  throw Object.assign(away, status, { cause: error });
}
