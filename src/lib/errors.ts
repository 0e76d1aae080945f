/**
 * The errors that Usher itself throws. Callers switch on `code`, never on the message.
 *
 * A refusal that is part of an answer is a value, not one of these: they say that something could
 * not be done at all.
 *
 * @module
 */

/** More work is waiting than may wait; the caller answers 503 and a time to retry. */
export class TooBusyError extends Error {
  override readonly name = 'TooBusyError';
  readonly code = 'too_busy';
}

/** Something in the database is not of the form in which this program writes it. */
export class StoredDataError extends Error {
  override readonly name = 'StoredDataError';
  readonly code = 'stored_data';
}

/** A wrapped secret does not open: another key or context, or its bytes were changed. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError';
  readonly code = 'wrong_key';
}

/** A password that `checkPassword` refuses was given to be hashed. */
export class UnfitPasswordError extends Error {
  override readonly name = 'UnfitPasswordError';
  readonly code = 'unfit_password';
}

/** The database cannot be reached or did not answer in time: 503, and the caller may try again. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'database_unavailable';

  constructor(options?: ErrorOptions) {
    super('the database cannot be reached', options);
  }
}

/** This version cannot run on the schema that the database has; the message says what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly code = 'schema';
}

/** What pools the connections to the database does not do what Usher needs; the message says what to do. */
export class PoolerError extends Error {
  override readonly name = 'PoolerError';
  readonly code = 'pooler';
}

/** The embedded database's directory belongs to another process that is running. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
  readonly code = 'directory_in_use';

  constructor(directory: string, pid: number) {
    super(
      `Another Usher (process ${pid}) is using the embedded database in ${directory}. ` +
        'Stop it first, or set DATABASE_URL to share a PostgreSQL.',
    );
  }
}
