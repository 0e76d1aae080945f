/**
 * What the programs of `npm start`, `migrate`, `seed` and `operator` say when they cannot do their
 * work: a sentence that names the setting where the cause is known, the stack where it is not.
 *
 * @module
 */

/**
 * Does the work of a program; a failure is printed, and ends the process with 1.
 *
 * @param heading a line before it, where the failure alone would not say what did not happen.
 */
export async function runProgram(work: () => Promise<void>, heading?: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    const lines = heading === undefined ? [] : [heading];
    process.stderr.write(`${[...lines, faultText(error)].join('\n')}\n`);
    process.exit(1);
  }
}

interface Fault {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

const unreachable = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|57P03)/;
const untrusted =
  /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS_CERT|CERT_)/;
const refusedByDatabase = /^(28|3D000$)/;

/** @returns what to print about a failure at the start. */
export function faultText(error: unknown): string {
  const { name, message, code = '', stack } = error as Fault;
  if (name === 'ConfigurationError') return message;
  if (unreachable.test(code)) return `DATABASE_URL: the database cannot be reached (${message}).`;
  if (untrusted.test(code)) {
    return (
      `DATABASE_URL: the certificate of the database is not trusted (${message}). ` +
      'Name the file with its CA: ?sslmode=verify-full&sslrootcert=/path/to/ca.crt'
    );
  }
  if (refusedByDatabase.test(code)) return `DATABASE_URL: the database refuses this: ${message}.`;
  if (code === 'EADDRINUSE') return `PORT: another process is listening there (${message}).`;
  if (code === 'wrong_key') {
    return `USHER_KEY: it is not the key that this database's keys were stored with (${message}).`;
  }
  return code === '' ? String(stack) : message;
}
