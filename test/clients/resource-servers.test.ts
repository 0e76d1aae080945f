/** config/resource-servers.md: its examples work as they are printed, and keep no answer (RFC 7662 section 4). */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDpopKey } from '../support/dpop.ts';
import { freePort } from '../support/free-port.ts';
import {
  type Answer,
  consentTo,
  demoApp,
  obtainCode,
  obtainTokens,
  post,
  redeem,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { apacheFiles, startApache } from './foreign/apache-server.ts';
import { absentOf } from './foreign/client.ts';

const page = readFileSync(join(import.meta.dirname, '../../config/resource-servers.md'), 'utf8');
const branch = '/organizations/acme/databases/shop/branches/main';
const member = 'member@acme.test';
let server: TestServer;
let directory: string;
let stop: () => Promise<void> = async () => {};

beforeAll(async () => {
  server = await startTestServer();
  directory = mkdtempSync(join(tmpdir(), 'usher-examples-'));
  await consentTo(server, demoApp, member, 'database:read_branches', ['acme/shop']);
});
afterEach(() => stop());
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The printed examples in a language, with this server's address. */
function printed(language: string): string[] {
  const blocks = page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'));
  return Array.from(blocks, ([, text = '']) =>
    text.replaceAll('https://usher.example.com', server.issuer),
  );
}

function title(name: string, needs: readonly string[]): [string, { skip: boolean }] {
  const absent = absentOf(needs);
  const why = absent.length === 0 ? '' : ` (skipped: ${absent.join(', ')} not found)`;
  return [`${name}${why}`, { skip: absent.length > 0 }];
}

function call(url: string, token?: string, scheme = 'Bearer'): Promise<Response> {
  return fetch(url, {
    headers: token === undefined ? {} : { authorization: `${scheme} ${token}` },
  });
}

async function tokens(): Promise<Answer['body']> {
  return obtainTokens(server, demoApp, member, 'database:read_branches');
}

async function boundToken() {
  const key = await createDpopKey();
  const { code, verifier } = await obtainCode(server, demoApp, member, 'database:read_branches');
  const proof = await key.proof(`${server.issuer}/oauth/token`);
  const { body } = await redeem(server, demoApp, code, verifier, {}, proof);
  expect(body.token_type).toBe('DPoP');
  return { key, token: body.access_token };
}

const revoke = (token: string) => post(server, '/oauth/revoke', demoApp, { token });

describe.each([
  { language: 'python', file: 'branches.py', needs: ['/usr/bin/python3'], compile: undefined },
  { language: 'go', file: 'branches.go', needs: ['go'], compile: ['go', 'build', '-o'] },
])('$language', ({ language, file, needs, compile }) => {
  let program: string[];
  beforeAll(() => {
    const [text = ''] = printed(language);
    program = [join(directory, file)];
    writeFileSync(join(directory, file), text);
    if (absentOf(needs).length > 0 || compile === undefined) return;
    const [compiler = '', ...words] = compile;
    program = [join(directory, language)];
    execFileSync(compiler, [...words, join(directory, language), file], { cwd: directory });
  }, 300_000);

  /** @returns its address. */
  async function start(usher = server.issuer): Promise<string> {
    const port = String(await freePort());
    const { PATH = '', HOME = '' } = process.env;
    const [path = ''] = program;
    const [command, words] =
      compile === undefined ? [needs[0] ?? '', [path]] : [path, [] as string[]];
    const child = spawn(command, words, {
      env: { PATH, HOME, USHER: usher, PORT: port },
      stdio: 'ignore',
    });
    stop = () => ended(child);
    const origin = `http://localhost:${port}`;
    await expect
      .poll(
        () =>
          fetch(origin).then(
            () => 'answers',
            () => 'silent',
          ),
        { timeout: 20_000 },
      )
      .toBe('answers');
    return origin;
  }

  test(
    ...title('says where to ask, as its metadata does (RFC 9728 sections 2 and 5.1)', needs),
    async () => {
      const origin = await start();
      const { status, headers } = await call(`${origin}${branch}`);
      expect(status).toBe(401);
      const [, url = ''] =
        /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
      expect(await (await fetch(url)).json()).toEqual({
        resource: origin,
        authorization_servers: [server.issuer],
        scopes_supported: ['database:read_branches'],
      });
    },
  );

  test(...title('serves what holds there, and after a revocation nothing', needs), async () => {
    const origin = await start();
    const { access_token: token } = await tokens();
    const served = await call(`${origin}${branch}`, token);
    expect(served.status).toBe(200);
    expect(await served.json()).toEqual({
      branch: expect.stringMatching(/^br_/),
      user: expect.stringMatching(/^user_/),
    });
    const elsewhere = await call(`${origin}${branch.replace('shop', 'analytics')}`, token);
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    await revoke(token);
    const after = await call(`${origin}${branch}`, token);
    expect(after.status).toBe(401);
    expect(after.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test(...title('takes no token that is bound to a key (RFC 9449 section 7)', needs), async () => {
    const origin = await start();
    const { token } = await boundToken();
    expect((await call(`${origin}${branch}`, token)).status).toBe(401);
  });

  test(...title('answers 503 where Usher does not answer', needs), async () => {
    const origin = await start(`http://localhost:${await freePort()}`);
    const { status, headers } = await call(`${origin}${branch}`, 'any');
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  });
});

describe.each([
  { module: 'oauth2', place: 0, setting: '&expiry=0' },
  { module: 'auth_openidc', place: 1, setting: 'OIDCOAuthTokenIntrospectionInterval -1' },
])('Apache, mod_$module', ({ module, place, setting }) => {
  /** @returns what a token gets, again, and after it was revoked. */
  async function statuses(settings: string): Promise<number[]> {
    const apache = await startApache(module, () => settings);
    stop = apache.stop;
    const { access_token: token } = await tokens();
    const status = async () => (await call(`${apache.origin}/api/`, token)).status;
    const before = [await status(), await status()];
    await revoke(token);
    return [...before, await status()];
  }

  test(...title('keeps no answer', apacheFiles(module)), async () => {
    expect(await statuses(printed('apache')[place] ?? '')).toEqual([200, 200, 401]);
  });

  test(...title('takes no token that is bound to a key', apacheFiles(module)), async () => {
    const apache = await startApache(module, () => printed('apache')[place] ?? '');
    stop = apache.stop;
    const { token } = await boundToken();
    const { access_token: other } = await tokens();
    expect((await call(`${apache.origin}/api/`, token)).status).not.toBe(200);
    expect((await call(`${apache.origin}/api/`, other)).status).toBe(200);
  });

  test(...title('would keep it without the setting', apacheFiles(module)), async () => {
    const settings = (printed('apache')[place] ?? '').replace(setting, '');
    expect(await statuses(settings)).toEqual([200, 200, 200]);
  });
});

test(
  ...title(
    'Apache, mod_oauth2, takes a bound token with a proof alone (RFC 9449)',
    apacheFiles('oauth2'),
  ),
  async () => {
    const apache = await startApache('oauth2', () => printed('apache')[2] ?? '');
    stop = apache.stop;
    const { key, token } = await boundToken();
    const url = `${apache.origin}/api/`;
    const { DPoP } = await key.proof(url, {
      htm: 'GET',
      ath: createHash('sha256').update(token).digest('base64url'),
    });
    const headers = { authorization: `DPoP ${token}` };
    const proven = await fetch(url, { headers: { ...headers, DPoP } });
    const bare = await fetch(url, { headers });
    const bearer = await call(url, token);
    expect([proven.status, bare.status, bearer.status]).toEqual([200, 401, 401]);
  },
);

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
