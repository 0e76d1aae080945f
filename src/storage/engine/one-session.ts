/**
 * Several connections on the one session of a PGlite.
 *
 * The socket server passes on one message after the other, from whichever connection has one, and keeps
 * to a connection only while a transaction is open. Outside of one, the Parse of one connection and the
 * Bind of another would meet, and run a statement that nobody asked for. So a connection that has begun an
 * extended query keeps the session until its Sync, as if it were in a transaction.
 *
 * Source: PostgreSQL documentation, section 55.2.3 (extended query); @electric-sql/pglite-socket 0.2.17.
 *
 * @module
 */

import type { PGlite } from '@electric-sql/pglite';

/** The messages of an extended query before its Sync: Parse, Bind, Describe, Execute, Close, Flush. */
const extended = new Set([...'PBDECH'].map((letter) => letter.charCodeAt(0)));

/** @returns the database for the socket server, which asks it whether it may turn to another connection. */
export function inTurns(db: PGlite): PGlite {
  let isInQuery = false;
  const run: PGlite['execProtocolRawStream'] = async (message, options) => {
    isInQuery = extended.has(message[0] ?? 0);
    await db.execProtocolRawStream(message, options);
  };
  /** Called for a connection that was lost: it sends no Sync any more. */
  const exec: PGlite['exec'] = async (...args) => {
    isInQuery = false;
    return db.exec(...args);
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === 'isInTransaction') return () => isInQuery || target.isInTransaction();
      if (name === 'execProtocolRawStream') return run;
      if (name === 'exec') return exec;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
