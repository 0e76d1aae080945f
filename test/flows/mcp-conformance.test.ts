/**
 * MCP's own conformance suite, its part for authorization servers, where it is installed:
 *
 *     npm install --prefix /tmp/mcp @modelcontextprotocol/conformance@0.2.0-alpha.12
 *     MCP_CONFORMANCE=/tmp/mcp/node_modules/@modelcontextprotocol/conformance/dist/index.js npx vitest ...
 *
 * config/decisions.md says why it is no dependency.
 */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { allow, demoCli, signInFor } from '../support/oauth.ts';
import { startTestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

const suite = process.env['MCP_CONFORMANCE'] ?? '';

test('every scenario passes, against the address of an MCP server', async () => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const resource = 'http://localhost:8080/mcp';
  const run = spawn(process.execPath, [
    ...[suite, 'authorization', '--url', server.issuer, '--client-id', demoCli.id],
    ...['--resource', resource, '--port', String(await freePort())],
  ]);
  onTestFinished(() => void run.kill());
  const complained = text(run.stderr);
  let told = '';
  let isSent = false;
  for await (const chunk of run.stdout) {
    told += String(chunk);
    const address = /^http:\S+\/oauth\/authorize\?\S+$/m.exec(told)?.[0];
    if (address === undefined || isSent || !told.includes('Callback server started')) continue;
    isSent = true;
    const agent = createUserAgent(server.issuer);
    const page = await signInFor(agent, address, 'dba@acme.test');
    const back = await allow(agent, page, ['acme/shop']);
    await fetch(back.url);
  }
  expect(await complained).toBe('');
  expect(told).toMatch(/Total: [1-9]\d* passed, 0 failed/);
});
