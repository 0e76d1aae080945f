/** A process as its operator meets it: start, refusals, restart, stop. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultText } from '../../src/command-line.ts';
import { unwrap, wrap } from '../../src/lib/key-wrapping.ts';
import { freePort } from '../support/free-port.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'src/main.ts');
const directory = mkdtempSync(join(tmpdir(), 'usher-process-'));

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/** Runs `npm start`'s program with nothing of this environment but what is given. */
function run(environment: Record<string, string>, command = [process.execPath, main]): Started {
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', DATA_DIRECTORY: directory, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output: () => text, exited };
}

async function ready(issuer: string, { exited, output }: Started): Promise<void> {
  let code: number | null | undefined;
  void exited.then((status) => {
    code = status;
  });
  while (code === undefined) {
    const response = await fetch(`${issuer}/readyz`).catch(() => undefined);
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`exit ${code}: ${output()}`);
}

let port: number;
let issuer: string;
let first: Started;

beforeAll(async () => {
  port = await freePort();
  issuer = `http://localhost:${port}`;
  first = run({ PORT: String(port) });
  await ready(issuer, first);
});
afterAll(async () => {
  first.child.kill('SIGKILL');
  await first.exited;
  rmSync(directory, { recursive: true, force: true });
});

const keysOf = async () => (await fetch(`${issuer}/oauth/jwks`)).json();

test('says what to open, and logs neither queries nor credentials', async () => {
  await fetch(`${issuer}/oauth/authorize?client_id=demo-app&state=a-state-to-keep`);
  for (const path of ['set-up', 'invitations']) await fetch(`${issuer}/${path}/a-link-to-keep`);
  await fetch(`${issuer}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('demo-app:a-secret-to-keep').toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'a-code-to-keep' }),
  });
  await expect.poll(first.output).toContain('"route":"/oauth/token"');
  const log = first.output();
  expect(log).toContain(`${issuer}/demo`);
  expect(log).not.toMatch(/to-keep/);
  expect(log).not.toContain(Buffer.from('demo-app:a-secret-to-keep').toString('base64'));
});

test('a second process on the same embedded database is refused, and told why', async () => {
  const second = run({ PORT: String(await freePort()) });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(/Another Usher \(process \d+\) is using the embedded database/);
  expect((await fetch(`${issuer}/readyz`)).status).toBe(200);
});

describe('a command beside a process that runs on the embedded database', () => {
  const operator = (...words: string[]) =>
    run({}, [process.execPath, join(root, 'src/operator.ts'), ...words, '--json']);

  test('reaches it, four at once while it answers, and the process knows at once', async () => {
    const asked = { isOver: false, statuses: new Set<number>() };
    const traffic = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!asked.isOver) {
          const body = new URLSearchParams({ token: 'usher_at_none' });
          const authorization = `Basic ${Buffer.from('nobody:nothing').toString('base64')}`;
          const path = `${issuer}/oauth/introspect`;
          const answer = await fetch(path, { method: 'POST', headers: { authorization }, body });
          asked.statuses.add(answer.status);
          asked.statuses.add((await fetch(`${issuer}/readyz`)).status);
        }
      }),
    );
    const added = Array.from({ length: 4 }, (_, n) =>
      operator('operator', 'add', `op${n}@new.test`),
    );
    const codes = await Promise.all(added.map(({ exited }) => exited));
    asked.isOver = true;
    await traffic;
    expect(added.map(({ output }) => output()).filter((text) => /error/i.test(text))).toEqual([]);
    expect(codes).toEqual(Array(4).fill(0));
    expect([...asked.statuses].toSorted()).toEqual([200, 401]);
    const { link } = JSON.parse(added[0]?.output() ?? '{}');
    expect((await fetch(`${issuer}${new URL(link).pathname}`)).status).toBe(200);
  }, 120_000);

  test('that is killed in the middle leaves it serving', async () => {
    const killed = operator('operator', 'list');
    await once(killed.child, 'spawn');
    killed.child.kill('SIGKILL');
    await killed.exited;
    const next = operator('operator', 'list');
    expect(await next.exited).toBe(0);
    expect((await fetch(`${issuer}/readyz`)).status).toBe(200);
  });
});

test('a configuration with faults is refused with all of them', async () => {
  const refused = run({ NODE_ENV: 'production', PORT: 'abc' });
  expect(await refused.exited).toBe(1);
  for (const name of ['PORT', 'ISSUER', 'DATABASE_URL', 'USHER_KEY']) {
    expect(refused.output()).toContain(`  ${name}: `);
  }
});

describe('what cannot start says why in a sentence, not in a stack', () => {
  const key = 'a-key-for-tests-0123456789-vwxyz-76543210';
  const nowhere = { DATABASE_URL: 'postgres://127.0.0.1:1/usher', USHER_KEY: key };
  const node = (words: string) => {
    const [program = '', ...rest] = words.split(' ');
    return [process.execPath, join(root, 'src', program), ...rest];
  };

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['the database is down', nowhere, 'main.ts', /DATABASE_URL: .* cannot be reached .*:1/],
    ['the database is down', nowhere, 'migrate.ts', /DATABASE_URL: .* cannot be reached .*:1/],
    ['the directory is in use', {}, 'seed.ts', /Another Usher \(process \d+\)/],
    ['a setting is wrong', { PORT: 'abc' }, 'migrate.ts', /PORT: must be a whole number/],
    [
      'production has no demo data',
      { ...nowhere, NODE_ENV: 'production', ISSUER: 'https://auth.example.com' },
      'seed.ts',
      /NODE_ENV: the demo data is refused/,
    ],
  ])('%s (%o, %s)', async (_sentence, environment, program, words) => {
    const refused = run(environment, node(program));
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(words);
    expect(refused.output()).not.toMatch(/^ +at /m);
  });

  test('the port is taken', async () => {
    const own = mkdtempSync(join(tmpdir(), 'usher-process-'));
    const refused = run({ PORT: String(port), DATA_DIRECTORY: own });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(/PORT: another process is listening there/);
    rmSync(own, { recursive: true, force: true });
  });
});

test('a key that is not the one of the stored keys is named', () => {
  const wrapped = wrap(randomBytes(32), randomBytes(32), 'cookie 1');
  let fault: unknown;
  try {
    unwrap(randomBytes(32), wrapped, 'cookie 1');
  } catch (error) {
    fault = error;
  }
  expect(faultText(fault)).toMatch(/^USHER_KEY: it is not the key/);
});

describe('a stop', () => {
  test('lets a request in flight finish, takes no new one, and forgets no key', async () => {
    const keys = await keysOf();
    const body = 'token=usher_at_nothing';
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /oauth/introspect HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: Basic ${Buffer.from('demo-api:demo-api-secret').toString('base64')}\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n` +
        body.slice(0, 5),
    );
    await fetch(`${issuer}/healthz`); // the server has read what came before
    first.child.kill('SIGTERM');
    await expect.poll(() => fetch(`${issuer}/healthz`).catch(() => 'refused')).toBe('refused');

    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.write(body.slice(5));
    await once(socket, 'close');
    expect(answer).toContain('HTTP/1.1 200');
    expect(answer).toContain('{"active":false}');
    expect(await first.exited).toBe(0);

    first = run({ PORT: String(port) });
    await ready(issuer, first);
    expect(await keysOf()).toEqual(keys);
  });

  test('and a start on another port: the demo sends people back to where it is now', async () => {
    first.child.kill('SIGTERM');
    await first.exited;
    const elsewhere = await freePort();
    first = run({ PORT: String(elsewhere) });
    await ready(`http://localhost:${elsewhere}`, first);
    const here = `http://localhost:${elsewhere}`;
    const asked = new URLSearchParams({
      response_type: 'code',
      client_id: 'demo-app',
      redirect_uri: `${here}/demo/callback`,
      scope: 'user:read_user',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
    });
    const answer = await fetch(`${here}/oauth/authorize?${asked}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringContaining('/interaction/'),
    ]);
  });

  test('reaches the process through npm, which is what was started', async () => {
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const quiet = { npm_config_update_notifier: 'false', npm_config_cache: directory };
    first = run({ PORT: String(port), ...quiet }, ['npm', 'start']);
    await ready(issuer, first);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    await expect(fetch(`${issuer}/healthz`)).rejects.toThrow();
  });
});
