/**
 * Bare oidc-provider with a plain PostgreSQL adapter, as in its documentation: one table of JSON,
 * one prepared statement an operation, clients in the database, no transaction, and a `consume`
 * that does not ask whether another request was first.
 *
 * @module
 */

import type { Adapter, AdapterPayload } from 'oidc-provider';
import pg from 'pg';
import { serveProvider } from './bare-provider.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });

serveProvider(postgresAdapter, []);

interface Row {
  payload: AdapterPayload;
  consumed_at: Date | null;
}

function postgresAdapter(kind: string): Adapter {
  const findBy = async (column: 'id' | 'uid' | 'user_code', value: string) => {
    const text = `select payload, consumed_at from records where kind = $1 and ${column} = $2`;
    const { rows } = await pool.query<Row>({
      name: `find by ${column}`,
      text,
      values: [kind, value],
    });
    const [row] = rows;
    return row && { ...row.payload, ...(row.consumed_at ? { consumed: true } : {}) };
  };
  const change = async (name: string, text: string, values: unknown[]) => {
    await pool.query({ name, text, values });
  };

  return {
    find: (id) => findBy('id', id),
    findByUid: (uid) => findBy('uid', uid),
    findByUserCode: (userCode) => findBy('user_code', userCode),
    upsert: (id, payload, seconds) => {
      const { grantId = null, uid = null, userCode = null } = payload;
      const values = [kind, id, payload, grantId, uid, userCode, seconds ?? null];
      return change('upsert', upsert, values);
    },
    consume: (id) =>
      change('consume', 'update records set consumed_at = now() where kind = $1 and id = $2', [
        kind,
        id,
      ]),
    destroy: (id) =>
      change('destroy', 'delete from records where kind = $1 and id = $2', [kind, id]),
    revokeByGrantId: (grantId) =>
      change('revoke', 'delete from records where kind = $1 and grant_id = $2', [kind, grantId]),
  };
}

const upsert = `
  insert into records (kind, id, payload, grant_id, uid, user_code, expires_at)
  values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
  on conflict (kind, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
    uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at`;
