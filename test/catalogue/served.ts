/** Usher as a process with a catalogue of its own, on one embedded database that outlives it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { allow, authorizationRequest, post, signInFor, type TestClient } from '../support/oauth.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';
import { createUserAgent } from '../support/user-agent.ts';

export interface Installation {
  readonly issuer: string;
  /** Starts with a catalogue, after ending whatever ran. @throws {Error} it did not start. */
  serve(catalogue: string): Promise<void>;
  /** Tries to start. @returns the exit code and what was printed. */
  refused(catalogue: string): Promise<{ code: number | null; output: string }>;
  /** Runs a command of the operators, while nothing serves. */
  operator(catalogue: string, ...words: string[]): Promise<{ code: number | null; output: string }>;
  /** What the serving process has written. */
  output(): string;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export async function createInstallation(): Promise<Installation> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-served-'));
  const port = await freePort();
  const settings = (catalogue: string) => ({
    PORT: String(port),
    DATA_DIRECTORY: directory,
    CATALOGUE: catalogue,
  });
  let program: Program | undefined;
  const stop = async () => {
    program?.child.kill('SIGTERM');
    await program?.exited;
    program = undefined;
  };
  const run = async (file: string, words: string[], catalogue: string) => {
    await stop();
    const ended = runProgramFile(file, words, settings(catalogue));
    return { code: await ended.exited, output: ended.output() };
  };
  return {
    issuer: `http://localhost:${port}`,
    async serve(catalogue) {
      await stop();
      program = runProgramFile('main.ts', [], settings(catalogue));
      await serving(program);
    },
    refused: (catalogue) => run('main.ts', [], catalogue),
    operator: (catalogue, ...words) => run('operator.ts', words, catalogue),
    output: () => program?.output() ?? '',
    stop,
    async remove() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Served = Pick<Installation, 'issuer'>;

/** The whole flow, with places picked on the page. @returns the answer of the token endpoint. */
export async function askFor(
  served: Served,
  client: TestClient,
  { email, scope, paths }: { email: string; scope: string; paths: readonly string[] },
) {
  const agent = createUserAgent(served.issuer);
  const { url, verifier } = authorizationRequest(served, client, scope, { prompt: 'consent' });
  const page = await signInFor(agent, url, email);
  if (!page.html.includes('data-consent')) throw new Error(`no consent page: ${page.url}`);
  const back = await allow(agent, page, paths);
  const code = new URL(back.url).searchParams.get('code');
  if (code === null) throw new Error(`no code: ${back.url} ${back.html.slice(0, 3000)}`);
  return post(served, '/oauth/token', client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: client.redirectUri,
  });
}

/** @returns the scopes that introspection tells about a place; undefined for a dead token. */
export async function scopesOn(
  served: Served,
  asker: TestClient,
  token: string,
  resource: string,
): Promise<string[] | undefined> {
  const { body } = await post(served, '/oauth/introspect', asker, { token, resource });
  return body.active ? (body.scope ?? '').split(' ') : undefined;
}

/** Registers an application (RFC 7591). */
export async function register(
  { issuer }: Served,
  scope: string,
): Promise<TestClient & { scope: string }> {
  const redirectUri = 'http://localhost:8799/callback';
  const response = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Tuner',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      scope,
    }),
  });
  const body = (await response.json()) as Record<string, string>;
  if (response.status !== 201) throw new Error(JSON.stringify(body));
  const { client_id: id = '', client_secret: secret, scope: registered = '' } = body;
  return { id, secret, redirectUri, scope: registered };
}
