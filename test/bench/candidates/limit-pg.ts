/**
 * The limit of one look-up a request: as limit.ts, with a prepared one-row query by primary key.
 *
 * @module
 */

import { createServer } from 'node:http';
import pg from 'pg';
import { answerJson, withForm } from './fixed-answer.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const select = { name: 'answer', text: 'select answer from answers where token = $1' };

createServer((req, res) => {
  withForm(req, (form) => {
    if (req.method === 'GET') return answerJson(res, '{}');
    pool.query<{ answer: string }>({ ...select, values: [form.get('token')] }).then(
      ({ rows }) => answerJson(res, rows[0]?.answer ?? '{"active":false}'),
      () => res.writeHead(500).end(),
    );
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');
