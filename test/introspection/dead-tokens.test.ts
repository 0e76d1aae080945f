/** RFC 7662 section 2.2: every way in which a token can be dead has the same answer. */

import { describe, expect, test } from 'vitest';
import { introspect } from '../../src/introspection/introspect.ts';
import { printId } from '../../src/lib/ids.ts';
import { randomSecret, sha256 } from '../../src/lib/secrets.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { inSeconds } from '../support/world.ts';
import { type Change, issuer, type Scenario, scenario } from './scenario.ts';

const database = forAllTests(openTestDatabase);

/** Both kinds of question, by the resource server and by the token's own client. */
async function allAnswers({ ask, acme, main, app, api }: Scenario): Promise<unknown[]> {
  const names = [undefined, printId('branch', main.id), `organizations/${acme.slug}`, 'user'];
  const answers = [];
  for (const asker of [api.id, app.id]) {
    for (const name of names) answers.push(await ask(name, asker));
  }
  return answers;
}

async function expectDead(world: Scenario): Promise<void> {
  for (const answer of await allAnswers(world)) expect(answer).toStrictEqual({ active: false });
}

describe('dead from the start', () => {
  test.each<[string, Change]>([
    ['expired token', { token: { expires_at: inSeconds(-1) } }],
    ['account suspended', { account: { status: 'suspended' } }],
    ['account deleted', { account: { status: 'deleted' } }],
    ['client suspended', { client: { status: 'suspended' } }],
    ['authorization code', { token: { kind: 'AuthorizationCode' } }],
    ['spent refresh token', { token: { kind: 'RefreshToken', consumed_at: inSeconds(-1) } }],
  ])('%s', async (_sentence, change) => {
    await expectDead(await scenario(database.db, change));
  });
});

describe('alive, then dead', () => {
  test.each<[string, (world: Scenario) => [string, unknown[]]]>([
    ['token revoked', ({ token }) => ['delete from tokens where id = $1', [sha256(token)]]],
    ['grant ended', ({ grant }) => ['delete from grants where id = $1', [grant.id]]],
    ['consent withdrawn', ({ consent }) => ['delete from consents where id = $1', [consent.id]]],
    ['client deleted', ({ app }) => ['delete from clients where id = $1', [app.id]]],
    ['account deleted', ({ alice }) => ['delete from accounts where id = $1', [alice.id]]],
    [
      'account suspended',
      ({ alice }) => [`update accounts set status = 'suspended' where id = $1`, [alice.id]],
    ],
    [
      'client suspended',
      ({ app }) => [`update clients set status = 'suspended' where id = $1`, [app.id]],
    ],
  ])('%s', async (_sentence, kill) => {
    const world = await scenario(database.db);
    expect(await world.ask()).toMatchObject({ active: true });
    await world.world.run(...kill(world));
    await expectDead(world);
  });
});

test('what is not a token, or not known', async () => {
  const { api, token, world } = await scenario(database.db);
  const code = randomSecret('usher_ac_');
  await world.run('update tokens set id = $1 where id = $2', [sha256(code), sha256(token)]);
  const texts = [
    ...['', 'x', token, token.slice(0, -1), `${token}0`, ` ${token}`, code, `${token}\0`],
    ...[randomSecret('usher_at_'), randomSecret('usher_rt_'), randomSecret('usher_cs_')],
    ...['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln', 'x'.repeat(100_000)],
  ];
  for (const resource of [undefined, 'user']) {
    const questions = texts.map((text) => ({ asker: api.id, token: text, resource }));
    const answers = await introspect(database.db, questions, issuer);
    expect(answers).toStrictEqual(texts.map(() => ({ active: false })));
  }
});
