/** The README's walk from an empty database to the first token: its own commands, in production. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres } from '../support/database.ts';
import { databaseUrl } from '../support/database-url.ts';
import { freePort } from '../support/free-port.ts';
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.ts';
import { openBrowser } from './browser.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = /## In production\n(.*?)\n##/s.exec(readme)?.[1] ?? '';
const blocks = Array.from(section.matchAll(/```sh\n(.*?)```/gs), ([, block = '']) => block);

/** A shell that goes on from block to block, as the reader's does. */
class Shell {
  readonly #child: ChildProcess;
  #text = '';

  constructor(environment: Record<string, string>, cwd: string) {
    this.#child = spawn('bash', { env: environment, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#text += chunk.toString();
      });
    }
  }

  /** @returns what the commands print. @throws {Error} the last of them failed. */
  async run(commands: string): Promise<string> {
    this.#text = '';
    this.#child.stdin?.write(`${commands}\necho "ended with $?"\n`);
    await expect.poll(() => this.#text, { timeout: 60_000 }).toMatch(/ended with \d+\n/);
    const [before = '', code = ''] = this.#text.split('ended with ');
    if (code.trim() !== '0') throw new Error(`${commands}\n${this.#text}`);
    return before;
  }

  /** Ends what runs in the background, then the shell. */
  async close(): Promise<void> {
    this.#child.stdin?.end('kill $(jobs -p) 2>/dev/null; wait\n');
    await once(this.#child, 'exit');
  }
}

describe(...onlyOnPostgres('the README’s walk', 'production refuses the embedded database'), () => {
  const url = process.env['DATABASE_URL'] ?? '';
  const name = `usher_walk_${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'usher-walk-'));
  let shell: Shell;
  let proxy: TlsProxy;
  let browser: Browser;
  let issuer: string;

  beforeAll(async () => {
    await onServer(`create database ${name}`);
    for (const file of ['package.json', 'node_modules', 'src', 'migrations', 'views', 'config']) {
      symlinkSync(join(root, file), join(directory, file));
    }
    const [outside, inside] = [await freePort(), await freePort()];
    issuer = `https://localhost:${outside}`;
    proxy = await startTlsProxy(directory, outside, inside);
    const { PATH = '', HOME = '' } = process.env;
    const environment = { PATH, HOME, PORT: String(inside), CURL_CA_BUNDLE: proxy.certificate };
    shell = new Shell({ ...environment, npm_config_update_notifier: 'false' }, directory);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await shell.close();
    await proxy.close();
    await onServer(`drop database ${name} with (force)`);
    rmSync(directory, { recursive: true, force: true });
  });

  async function onServer(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  test('ends with a token that is live', async () => {
    const [settings = '', start = '', things = '', ask = '', exchange = ''] = blocks;
    expect(blocks).toHaveLength(5);
    await shell.run(
      settings
        .replace('https://auth.example.com', issuer)
        .replace('postgres://usher@127.0.0.1:5432/usher', databaseUrl(url, name)),
    );
    const [link = ''] = /https:\S+\/set-up\/\S+/.exec(await shell.run(start)) ?? [];
    await expect
      .poll(() => shell.run('curl -s -o /dev/null -w "%{http_code}" $ISSUER/readyz'), {
        timeout: 30_000,
      })
      .toContain('200');

    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByLabel('New password').fill('a password of the first person');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.waitForURL(`${issuer}/account?done=set-up`);

    await shell.run(things);
    const [request = ''] = /https:\S+\/oauth\/authorize\S+/.exec(await shell.run(ask)) ?? [];
    let callback = '';
    page.on('request', (sent) => {
      if (sent.url().startsWith('https://shop.example/')) callback = sent.url();
    });
    await page.goto(request);
    await page.getByRole('checkbox', { name: /Acme/ }).first().check();
    await page.getByRole('button', { name: 'Everything requested' }).click();
    await page.getByRole('button', { name: /^Allow/ }).click();
    await expect.poll(() => callback).toContain('code=');

    const code = new URL(callback).searchParams.get('code') ?? '';
    const told = await shell.run(exchange.replace('usher_ac_...', code));
    expect(JSON.parse(told)).toMatchObject({
      active: true,
      iss: issuer,
      username: 'you@example.com',
      scope: 'organization:read_organization',
      resource: { type: 'organization', path: 'organizations/acme' },
    });
  });

  test('the address is not proven by it', async () => {
    const client = new pg.Client({ connectionString: databaseUrl(url, name) });
    await client.connect();
    const { rows } = await client.query('select email_verified_at from accounts');
    await client.end();
    expect(rows).toEqual([{ email_verified_at: null }]);
  });
});
