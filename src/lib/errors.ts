/**
 * Errors that mean something to whoever catches them. Callers switch on `code`, not on the message.
 *
 * @module
 */

/** The database cannot be reached or did not answer in time: 503, and the caller may try again. */
export class DatabaseUnavailableError extends Error {
  readonly code = 'database_unavailable';

  constructor(options?: ErrorOptions) {
    super('the database cannot be reached', options);
  }
}

/** A row holds what no code of this version writes. */
export class StoredDataError extends Error {
  readonly code = 'stored_data';
}

/** The embedded database's directory belongs to another process that is running. */
export class DirectoryInUseError extends Error {
  readonly code = 'directory_in_use';

  constructor(directory: string, pid: number) {
    super(
      `Another Usher (process ${pid}) is using the embedded database in ${directory}. ` +
        'Stop it first, or set DATABASE_URL to share a PostgreSQL.',
    );
  }
}
