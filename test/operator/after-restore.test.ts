/** After a restore: what was made before a time is ended in batches, and nothing made after it. */

import { beforeAll, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { openDb } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSeconds, worldIn } from '../support/world.ts';
import { commandsOn, freshEmail, type Run } from './operators.ts';

const db = forAllTests(openDb);
let run: Run;
beforeAll(async () => {
  run = commandsOn(db, 'https://usher.test', true);
  await run('operator', 'add', freshEmail());
});

const rows = (sql: string, ...values: unknown[]) =>
  db.query<Record<string, unknown>>(statement(sql), values);

const counts = async () =>
  (
    await rows(`select (select count(*)::int from consents) as consents,
                       (select count(*)::int from grants) as grants,
                       (select count(*)::int from tokens) as tokens,
                       (select count(*)::int from sessions) as sessions`)
  )[0];

const hourAgo = () => inSeconds(-3600).toISOString();

test('grants, tokens and sessions of before, more than a batch of each', async () => {
  const world = worldIn(db);
  const [account, client] = [await world.account(), await world.client()];
  const consent = await world.consent(account, client);
  await world.token(await world.grant(consent));
  const [{ id = '' } = {}] = await rows('select id from consents');
  await rows(
    `insert into grants (id, consent_id, account_id, client_id, payload, created_at, expires_at)
     select 'old ' || n, c.id, c.account_id, c.client_id, '{}', now() - interval '1 day',
            now() + interval '1 day'
       from consents c, generate_series(1, 2100) n where c.id = $1`,
    id,
  );
  await rows(`
    insert into tokens (id, kind, grant_id, consent_id, account_id, granted_at, client_id, payload,
                        consent_version, expires_at)
    select sha256(g.id::bytea), 'RefreshToken', g.id, g.consent_id, g.account_id, g.created_at,
           g.client_id, '{}', 1, now() + interval '1 day'
      from grants g where g.id like 'old %'`);
  await rows(`
    insert into tokens (id, kind, client_id, payload, issued_at, expires_at)
    select sha256(('service ' || n)::bytea), 'ClientCredentials', 'platform', '{}',
           case when n > 1500 then now() else now() - interval '1 day' end, now() + interval '1 day'
      from generate_series(1, 1501) n`);
  await rows(`
    insert into sessions (id, uid, payload, created_at, expires_at)
    select sha256(n::text::bytea), n::text, '{}',
           case when n > 2100 then now() else now() - interval '1 day' end, now() + interval '1 day'
      from generate_series(1, 2101) n`);
  expect(await counts()).toEqual({ consents: 1, grants: 2101, tokens: 3602, sessions: 2101 });

  const revoked = await run('grants', 'revoke', '--before', hourAgo());
  expect(revoked).toMatchObject({ outcome: 'changed', grants: 2100, service_tokens: 1500 });
  expect(await counts()).toEqual({ consents: 1, grants: 1, tokens: 2, sessions: 2101 });
  const ended = await run('sessions', 'end', '--before', hourAgo());
  expect(ended).toMatchObject({ outcome: 'changed', sessions: 2100 });
  expect(await counts()).toEqual({ consents: 1, grants: 1, tokens: 2, sessions: 1 });

  expect(await run('sessions', 'end', '--before', hourAgo())).toMatchObject({
    outcome: 'unchanged',
  });
  const events = await rows(
    `select action, after from audit_events where subject in ('grants', 'sessions') order by id`,
  );
  expect(events).toContainEqual({
    action: 'grants.revoked',
    after: expect.objectContaining({ ended: 2100, finished: true }),
  });
});

test('with --consents everybody is asked again', async () => {
  await rows(`update consents set created_at = now() - interval '1 day'`);
  const revoked = await run('grants', 'revoke', '--before', hourAgo(), '--consents');
  expect(revoked).toMatchObject({ outcome: 'changed', consents: 1 });
  expect(await counts()).toMatchObject({ consents: 0, grants: 0 });
});

test('"now" is by the clock of the database', async () => {
  expect(await run('sessions', 'end', '--before', 'now')).toMatchObject({ sessions: 1 });
});

test.each([
  ['no time', []],
  ['a word', ['--before', 'yesterday']],
  ['a day', ['--before', '2026-11-28']],
  ['a time without its zone', ['--before', '2026-11-28T20:00:00']],
  ['an hour that is none', ['--before', '2026-11-28T27:00:00Z']],
])('is refused with %s', async (_what, words) => {
  await expect(run('grants', 'revoke', ...words)).rejects.toMatchObject({ exitCode: 2 });
  await expect(run('sessions', 'end', ...words)).rejects.toMatchObject({ exitCode: 2 });
});
