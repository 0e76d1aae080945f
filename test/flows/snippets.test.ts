/** The programs on an application's page, run as they are pasted. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allow, signInFor, type TestClient } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';

let server: TestServer;
let agent: UserAgent;
const directory = mkdtempSync(join(tmpdir(), 'usher-snippets-'));
const apps = new Map<string, TestClient>();
beforeAll(async () => {
  server = await startTestServer();
  ({ agent } = await newDeveloper(server));
  const odd = "https://lookout.example/it's/$HOME?a=b";
  apps.set('web', await registerOwnApp(agent, { kind: 'web', redirect_uris: odd }));
  const native = 'com.example.lookout:/callback';
  apps.set('native', await registerOwnApp(agent, { kind: 'native', redirect_uris: native }));
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await server.close();
});

/** The program in that language, as somebody copies it from the page. */
async function copied({ id }: TestClient, label: string): Promise<string> {
  const { html } = await agent.get(`${ownApps}/${id}`);
  const found = html.match(new RegExp(`<pre[^>]* aria-label="${label}"[^>]*>([^<]*)</pre>`))?.[1];
  const signs = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#34;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return Object.entries(signs).reduce(
    (text, [escaped, sign]) => text.replaceAll(escaped, sign),
    found ?? '',
  );
}

/** Runs it, follows the address that it prints as a person, and pastes what comes back. */
async function run(command: string, args: readonly string[], secret: string | undefined) {
  const env = { ...process.env, ...(secret === undefined ? {} : { CLIENT_SECRET: secret }) };
  const program = spawn(command, args, { cwd: directory, env });
  let [said, failed] = ['', ''];
  program.stdout.on('data', (chunk) => {
    said += chunk;
  });
  program.stderr.on('data', (chunk) => {
    failed += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    program.once('close', resolve);
  });
  await expect.poll(() => said + failed, { timeout: 60_000 }).toMatch(/authorize\S+\n/);
  const url = said.trim().split('\n').at(-1) ?? '';
  const person = createUserAgent(server.issuer);
  const page = await signInFor(person, url, 'member@acme.test');
  const { url: callback } = page.html.includes('data-consent') ? await allow(person, page) : page;
  program.stdin.end(`${callback}\n`);
  return { code: await ended, said, failed };
}

describe.each([
  ['curl', 'curl', 'try.sh', ['sh', 'try.sh']],
  ['node', 'Node.js', 'try.mjs', ['node', 'try.mjs']],
  ['python3', 'Python', 'try.py', ['python3', 'try.py']],
  ['go', 'Go', 'main.go', ['go', 'run', 'main.go']],
])('%s', (tool, label, file, [command = '', ...args]) => {
  const skip = spawnSync(tool, [tool === 'go' ? 'version' : '--version']).status !== 0;
  const told = skip ? ` (skipped: there is no ${tool})` : '';
  test.each(['web', 'native'])(
    `gets tokens for an application, %s${told}`,
    { skip, timeout: 120_000 },
    async (kind) => {
      const app = apps.get(kind);
      if (app === undefined) throw new Error('not registered');
      writeFileSync(join(directory, file), await copied(app, label));
      const { code, said, failed } = await run(command, args, app.secret);
      expect([code, failed]).toEqual([0, '']);
      expect(said).toMatch(/"access_token":\s*"usher_at_/);
    },
  );
});
