/** The consent page for a resource server, and for the one place that its address carries. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { commandsOn } from '../operator/operators.ts';
import { authorizationRequest, demoApp, type TestClient } from '../support/oauth.ts';
import type { TestServer } from '../support/server.ts';
import { stage } from './stage.ts';

const { member, place, branch, scopes } = stage;
/** Of the demo; other states make more of them. */
const operator = 'operator@usher.test';
const host = 'https://tools.places.test';
const clientId = 'https://claude.places.test/oauth/client.json';

type Open = (page: Page, server: TestServer) => Promise<unknown>;

/** Asked for a token at an address of a registered resource server. */
const asking =
  (path: string, scope: string, client: TestClient = demoApp): Open =>
  async (page, server) => {
    const known = registered.get(server) ?? register(server);
    registered.set(server, known);
    await known;
    const change = { resource: `${host}${path}` };
    await page.goto(authorizationRequest(server, client, scope, change).url);
    await page.locator('#email').fill(member);
    await page.locator('#password').fill('usher-demo');
    await page.locator('button[value="sign-in"]').click();
    await page.locator('[data-consent]').waitFor();
  };

/** Each server has them once. */
const registered = new WeakMap<TestServer, Promise<void>>();

async function register(server: TestServer): Promise<void> {
  const document = {
    client_id: clientId,
    client_name: 'Claude',
    redirect_uris: ['https://claude.places.test/callback'],
    token_endpoint_auth_method: 'none',
  };
  const run = commandsOn(server.database.db, server.issuer);
  const add = (name: string, path: string) =>
    run('resource-server', 'add', name, '--audience', `${host}${path}`, '--as', operator);
  await add('Notes', '/mcp');
  await add('Shop tools', '/{organization}/{database}');
  await add('Place tools', '/{organization}/{database}/{branch}');
  const directory = mkdtempSync(join(tmpdir(), 'usher-document-'));
  const file = join(directory, 'client.json');
  writeFileSync(file, JSON.stringify(document));
  await run('document', 'pin', clientId, file, '--as', operator);
  rmSync(directory, { recursive: true });
}

const agent: TestClient = {
  id: clientId,
  secret: undefined,
  redirectUri: 'https://claude.places.test/callback',
};

export const consentPlaceStates: readonly { readonly name: string; readonly open: Open }[] = [
  { name: 'consent, for a resource server', open: asking('/mcp', scopes.sight) },
  {
    name: 'consent, for one place',
    open: asking(`/${place}`, `${scopes.sight} ${scopes.branches} ${scopes.branch}`),
  },
  {
    name: 'consent, for one branch by a client of a document',
    open: asking(`/${place}/${branch}`, scopes.branch, agent),
  },
  {
    name: 'consent, by a client of a document',
    open: asking(`/${place}`, `${scopes.sight} ${scopes.branches}`, agent),
  },
  {
    name: 'consent, for a place out of reach',
    open: asking(`/${place.split('/')[0]}/nothing`, scopes.sight, agent),
  },
];
