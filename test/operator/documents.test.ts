/** Operators decide which hosts' documents are taken, and give one themselves. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorize } from '../support/authorize.ts';
import { type DocumentHost, startDocumentHost } from '../support/document-host.ts';
import {
  consentTo,
  demoApi,
  introspectAs,
  obtainTokens,
  refresh,
  type TestClient,
} from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { commandsOn, freshEmail, type Run } from './operators.ts';

const directory = mkdtempSync(join(tmpdir(), 'usher-documents-'));
const scope = 'database:read_database';
const dba = 'dba@acme.test';
const operator = freshEmail();
let host: DocumentHost;
let server: TestServer;
let run: Run;

beforeAll(async () => {
  host = await startDocumentHost();
  server = await startTestServer({
    CLIENT_DOCUMENTS_ON_LOOPBACK: 'on',
    CLIENT_DOCUMENTS: 'listed',
  });
  run = commandsOn(server.database.db, server.issuer);
  await run('operator', 'add', operator);
});
afterAll(async () => {
  await server.close();
  await host.close();
  rmSync(directory, { recursive: true });
});

const as = (...words: string[]) => run(...words, '--as', operator);

function clientAt(id: string): TestClient {
  return { id, secret: undefined, redirectUri: 'http://127.0.0.1:4567/callback' };
}

test('a host counts from when it is allowed, and its applications rest while it is blocked', async () => {
  const client = clientAt(host.publish('/client.json'));
  expect((await authorize(server, client)).html).toContain('is not allowed here');
  expect(host.asked).toEqual([]);

  await as('document', 'allow', 'localhost');
  await authorize(server, client);
  await consentTo(server, client, dba, scope, ['acme/shop']);
  const tokens = await obtainTokens(server, client, dba, scope);
  expect(await introspectAs(server, demoApi, tokens.access_token)).toMatchObject({ active: true });

  expect(await as('document', 'block', 'localhost')).toMatchObject({ suspended: 1 });
  expect(await introspectAs(server, demoApi, tokens.access_token)).toEqual({ active: false });
  expect(await refresh(server, client, tokens.refresh_token)).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
  expect((await authorize(server, client)).html).toContain('is blocked here');
  expect((await run('document', 'hosts'))['hosts']).toMatchObject([
    { host: 'localhost', rule: 'blocked', applications: 1 },
  ]);

  expect(await as('document', 'allow', 'localhost')).toMatchObject({ reinstated: 1 });
  expect(await introspectAs(server, demoApi, tokens.access_token)).toMatchObject({ active: true });
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
});

test('an application that an operator suspended stays so when its host is allowed again', async () => {
  const client = clientAt(host.publish('/suspended.json'));
  await as('document', 'allow', 'localhost');
  await authorize(server, client);
  await as('application', 'suspend', client.id);
  await as('document', 'block', 'localhost');
  await as('document', 'allow', 'localhost');
  expect((await authorize(server, client)).status).toBe(400);
  await as('application', 'reinstate', client.id);
  expect((await authorize(server, client)).status).toBe(303);
});

test('a document can be pinned, where its host gives it to nobody', async () => {
  await as('document', 'forget', 'localhost');
  const client = clientAt(`${host.origin}/behind-a-bot-check.json`);
  const file = join(directory, 'document.json');
  const document = { client_id: client.id, redirect_uris: ['http://127.0.0.1/callback'] };
  writeFileSync(file, JSON.stringify({ ...document, client_id: 'https://other.test/a.json' }));
  await expect(as('document', 'pin', client.id, file)).rejects.toThrow(/another client_id/);
  writeFileSync(file, JSON.stringify(document));
  host.asked.length = 0;
  expect(await as('document', 'pin', client.id, file)).toMatchObject({ outcome: 'changed' });
  expect((await authorize(server, client)).status).toBe(303);
  expect(host.asked).toEqual([]);
  await as('document', 'allow', 'localhost');
  expect(await as('document', 'unpin', client.id)).toEqual({ outcome: 'changed' });
  expect(await as('document', 'unpin', client.id)).toEqual({ outcome: 'unchanged' });
  await authorize(server, client);
  expect(host.asked).toEqual(['/behind-a-bot-check.json']);
});

test('only operators decide, and a host is a name', async () => {
  await expect(as('document', 'allow', 'https://claude.ai/')).rejects.toThrow(/A host is a name/);
  const stranger = ['--as', dba];
  await expect(run('document', 'block', 'claude.ai', ...stranger)).rejects.toMatchObject({
    exitCode: 4,
  });
});
