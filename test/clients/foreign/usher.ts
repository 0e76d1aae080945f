/** Usher as a user starts it: a process of its own, with the demo data and a resource server more. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { runProgramFile, serving } from '../../support/program.ts';
import { testUsherKey } from '../../support/server.ts';

export interface Usher {
  readonly issuer: string;
  /** What a client's developer knows, as environment variables of the client's program. */
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts it on the embedded database, or on the PostgreSQL that `DATABASE_URL` names. */
export async function startUsher(): Promise<Usher> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-clients-'));
  const port = String(await freePort());
  const mcp = `http://127.0.0.1:${await freePort()}/mcp`;
  const { DATABASE_URL = '', HOME = '' } = process.env;
  const environment = {
    HOME,
    PORT: port,
    DEMO: 'on',
    DRAIN_SECONDS: '0',
    DATA_DIRECTORY: directory,
    LOG_LEVEL: 'warn',
    ...(DATABASE_URL !== '' && { DATABASE_URL, USHER_KEY: testUsherKey }),
  };
  const api = await addResourceServer(mcp, environment);
  const program = runProgramFile('main.ts', [], environment);
  await serving(program);
  const issuer = `http://localhost:${port}`;
  return {
    issuer,
    settings: {
      ISSUER: issuer,
      CLIENT_ID: 'demo-app',
      CLIENT_SECRET: 'demo-app-secret',
      REDIRECT_URI: 'http://localhost:8765/callback',
      API_ID: 'demo-api',
      API_SECRET: 'demo-api-secret',
      RESOURCE: 'organizations/acme/databases/shop/branches/main',
      MCP_SERVER: mcp,
      MCP_ID: api.client_id,
      MCP_SECRET: api.client_secret,
    },
    async stop() {
      program.child.kill('SIGTERM');
      await program.exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The MCP server of the MCP client, whose tokens are asked for by its address (RFC 8707). */
async function addResourceServer(audience: string, environment: Record<string, string>) {
  await run('seed.ts', [], environment);
  const words = ['resource-server', 'add', 'MCP server', '--audience', audience, '--json'];
  const hit = /\{.*\}/s.exec(await run('operator.ts', words, environment));
  return JSON.parse(hit?.[0] ?? '') as { client_id: string; client_secret: string };
}

/** @returns what it printed. @throws {Error} it failed. */
async function run(file: string, words: string[], environment: Record<string, string>) {
  const program = runProgramFile(file, words, environment);
  if ((await program.exited) !== 0) throw new Error(program.output());
  return program.output();
}
