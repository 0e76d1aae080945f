/** A process whose role owns no table and may not rewrite the audit trail does all of its work. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { findLackingRole, grantServing } from '../../src/storage/engine/privileges.ts';
import { type Api, apiOf, printed, requestOf } from '../api/api-server.ts';
import { samples } from '../api/samples.ts';
import { makeApplication, makeConsent, makeWorld } from '../organizations/world.ts';
import { onlyOnPostgres, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { testUsherKey } from '../support/server.ts';

describe(
  ...onlyOnPostgres('as a role that may only serve', 'the embedded database knows one user only'),
  () => {
    const role = `usher_server_${process.pid}`;
    let processes: Processes;
    let api: Api;
    beforeAll(async () => {
      processes = await startProcesses(1, { reach: asServingRole });
      api = await apiOf(processes.nodes[0]);
      await makeApplication(api.db, 'an-application');
    });
    afterAll(async () => {
      await api.db.query(statement(`drop owned by ${role}`));
      await api.db.query(statement(`drop role ${role}`));
      await processes.close();
    });

    async function asServingRole({ address, db }: TestDatabase): Promise<string> {
      const password = randomBytes(16).toString('hex');
      await db.query(statement(`create role ${role} login password '${password}'`));
      await grantServing(address, role);
      const url = new URL(address.connection.connectionString ?? '');
      [url.username, url.password] = [role, password];
      return url.href;
    }

    test('it starts, and every route of the management API works', async () => {
      for (const { id, status = 200 } of routes) {
        const { ids, accounts } = await makeWorld(api.db);
        const { first = [], body, query = '', headers = {}, isByService } = samples[id] ?? {};
        const caller = isByService ? await api.byService() : await api.inBrowser(accounts.admin);
        const here = printed(ids);
        await makeConsent(api.db, ids.accountId, 'an-application', ids.organizationId);
        await caller.send(requestOf('addTeamMember', here));
        for (const [before, sent] of first)
          await caller.send(requestOf(before, here), { body: sent });
        const answer = await caller.send(requestOf(id, here) + query, { body, headers });
        expect([id, answer.status, answer.text]).toEqual([id, status, answer.text]);
      }
    });

    test.each([
      ['a role that is not there', ['grant', 'nobody_here'], /role "nobody_here" does not exist/],
      ['no role', ['grant'], /^npm run migrate/],
      ['a word that is none', ['dwon'], /^npm run migrate/],
    ])('the command line says what is wrong: %s', async (_what, words, said) => {
      const url = processes.nodes[0].database.address.connection.connectionString ?? '';
      const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: url, USHER_KEY: testUsherKey };
      const child = spawn(process.execPath, ['src/migrate.ts', ...words], { env });
      let text = '';
      for await (const chunk of child.stderr) text += chunk;
      expect(text).toMatch(said);
      expect(text.trim().split('\n')).toHaveLength(1);
    });

    test('a new table on which it has no rights is named before it takes traffic', async () => {
      const { address } = processes.nodes[0].database;
      await api.db.query(statement('create table made_later (id int)'));
      const url = new URL(address.connection.connectionString ?? '');
      url.username = role;
      const env = {
        PATH: process.env['PATH'] ?? '',
        PORT: String(await freePort()),
        DATABASE_URL: url.href,
        USHER_KEY: testUsherKey,
      };
      const child = spawn(process.execPath, ['src/main.ts'], { env });
      let text = '';
      for await (const chunk of child.stderr) text += chunk;
      expect(text).toContain('has no rights on made_later.');
      expect(text).toContain(`npm run migrate -- grant ${role}`);
      await grantServing(address, role);
      expect(await findLackingRole(api.db)).toBeUndefined();
    });

    test('it has told its trail, and cannot change it', async () => {
      const told = statement(`
      select count(*) filter (where action = 'account.deleted')::int as deleted,
             count(*) filter (where action = 'sign_in.succeeded') > 20 as signed_in
        from audit_events`);
      expect(await api.db.query(told)).toEqual([{ deleted: 1, signed_in: true }]);
    });
  },
);
