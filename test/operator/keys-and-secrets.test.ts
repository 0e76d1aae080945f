/** `service-client add --make-key` and `resource-server rotate`. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { commandsOn, freshEmail, type Run } from './operators.ts';

let server: TestServer;
let run: Run;
const directory = mkdtempSync(join(tmpdir(), 'usher-keys-'));
beforeAll(async () => {
  server = await startTestServer();
  const operator = freshEmail();
  const commands = commandsOn(server.database.db, server.issuer);
  await commands('operator', 'add', operator);
  run = (...args) => commands(...args, '--as', operator);
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const fileOf = (name: string) => join(directory, name);

describe('service-client add --make-key', () => {
  test('writes the private half for its owner alone, and the key gets a token', async () => {
    const file = fileOf('private.jwk');
    const made = await run('service-client', 'add', 'The platform', '--make-key', file);
    expect(made).toMatchObject({ outcome: 'created', private_key: file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const jwk = JSON.parse(readFileSync(file, 'utf8'));
    expect(JSON.stringify(made)).not.toContain(jwk.d);
    const [stored] = await server.database.db.query<{ text: string }>(
      statement('select c::text as text from clients c where id = $1'),
      [made['client_id']],
    );
    expect(stored?.text).toContain(jwk.kid);
    expect(stored?.text).not.toContain(jwk.d);
    const id = String(made['client_id']);
    const assertion = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(server.issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(await importJWK(jwk));
    const answer = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'platform:sync',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
    expect(answer.status).toBe(200);
  });

  test('writes over no file, and leaves none behind when it is refused', async () => {
    const file = fileOf('kept.jwk');
    writeFileSync(file, 'something');
    const over = run('service-client', 'add', 'Another', '--make-key', file);
    await expect(over).rejects.toMatchObject({ exitCode: 5 });
    expect(readFileSync(file, 'utf8')).toBe('something');
    const before = readdirSync(directory);
    const unnamed = run('service-client', 'add', 'x'.repeat(1000), '--make-key', fileOf('no.jwk'));
    await expect(unnamed).rejects.toMatchObject({ exitCode: 5 });
    expect(readdirSync(directory)).toEqual(before);
    const nowhere = run('service-client', 'add', 'A', '--make-key', fileOf('no/where.jwk'));
    await expect(nowhere).rejects.toMatchObject({ exitCode: 2 });
  });

  test('takes one of the two: a public key, or a file for a new one', async () => {
    const file = fileOf('two.jwk');
    for (const words of [[], [file, '--make-key', file]]) {
      const attempt = run('service-client', 'add', 'A', ...words);
      await expect(attempt).rejects.toMatchObject({ exitCode: 2 });
    }
  });
});

describe('resource-server rotate', () => {
  const add = async () => {
    const made = await run('resource-server', 'add', 'An API');
    return { id: String(made['client_id']), secret: String(made['client_secret']) };
  };

  async function works(id: string, secret: string): Promise<boolean> {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const body = new URLSearchParams({ token: 'usher_at_none' });
    const path = `${server.issuer}/oauth/introspect`;
    const { status } = await fetch(path, { method: 'POST', headers: { authorization }, body });
    expect([200, 401]).toContain(status);
    return status === 200;
  }

  test('prints a new secret, and the old one ends at once', async () => {
    const { id, secret } = await add();
    expect(await works(id, secret)).toBe(true);
    const rotated = await run('resource-server', 'rotate', id);
    const next = String(rotated['client_secret']);
    expect([await works(id, secret), await works(id, next)]).toEqual([false, true]);
  });

  test('the old one works as long as is said, and no longer', async () => {
    const { id, secret } = await add();
    const rotated = await run('resource-server', 'rotate', id, '--old-for', '60');
    const next = String(rotated['client_secret']);
    expect([await works(id, secret), await works(id, next)]).toEqual([true, true]);
    await server.database.db.query(
      statement(`update client_secrets set expires_at = now()
                  where client_id = $1 and expires_at is not null`),
      [id],
    );
    expect([await works(id, secret), await works(id, next)]).toEqual([false, true]);
  });

  test('a longer time brings no shorter one back, and five work at most', async () => {
    const { id } = await add();
    for (let n = 0; n < 4; n++) await run('resource-server', 'rotate', id, '--old-for', '5');
    const sixth = run('resource-server', 'rotate', id, '--old-for', '60');
    await expect(sixth).rejects.toMatchObject({ exitCode: 5 });
    const [row] = await server.database.db.query<{ longest: boolean }>(
      statement(`select bool_and(expires_at < now() + interval '6 minutes') as longest
                   from client_secrets where client_id = $1 and expires_at is not null`),
      [id],
    );
    expect(row?.longest).toBe(true);
    await run('resource-server', 'rotate', id);
  });

  test('what is no resource server, and no time, is refused', async () => {
    const { id } = await add();
    await expect(run('resource-server', 'rotate', 'demo-app')).rejects.toMatchObject({
      exitCode: 3,
    });
    for (const time of ['soon', '-1', '1.5', '99999']) {
      const attempt = run('resource-server', 'rotate', id, `--old-for=${time}`);
      await expect(attempt).rejects.toMatchObject({ exitCode: 2 });
    }
  });
});
