/** Callbacks that lead on, as hosted ones of programs do: to loopback, or to a scheme of the program. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, redeem, type TestClient } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inChromium, openBrowser, signIn, watchedPage } from './browser.ts';

interface Site {
  readonly server: Server;
  readonly origin: string;
  /** The paths and queries that were asked for, the icon's aside. */
  readonly visits: string[];
}

async function openSite(
  host: string,
  location: (query: string) => string | undefined,
): Promise<Site> {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
    if (pathname !== '/favicon.ico') visits.push(pathname + search);
    const next = location(search);
    if (next !== undefined) response.writeHead(302, { location: next });
    response.end('<link rel="icon" href="data:,">');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://${host}:${(server.address() as AddressInfo).port}`, visits };
}

describe(...inChromium('a callback that leads on'), () => {
  let usher: TestServer;
  let browser: Browser;
  let program: Site;
  const sites: Site[] = [];
  beforeAll(async () => {
    [usher, browser, program] = await Promise.all([
      startTestServer(),
      openBrowser(),
      openSite('localhost', () => undefined),
    ]);
    sites.push(program);
  });
  afterAll(async () => {
    await browser?.close();
    for (const { server } of sites) {
      server.close();
      server.closeAllConnections();
    }
    await usher?.close();
  });

  async function register(redirectUri: string): Promise<TestClient> {
    const response = await fetch(`${usher.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
    });
    const { client_id: id } = (await response.json()) as { client_id: string };
    return { id, secret: undefined, redirectUri };
  }

  async function allow(client: TestClient) {
    const { page, complaints } = await watchedPage(browser, [usher.issuer]);
    const { url, verifier } = authorizationRequest(usher, client, 'openid');
    await page.goto(url);
    await signIn(page, 'dba@acme.test');
    await page.getByRole('button', { name: 'Allow' }).click();
    return { page, complaints, verifier };
  }

  test('to loopback arrives there, with the code', async () => {
    const hosted = await openSite('127.0.0.1', (query) => `${program.origin}/done${query}`);
    sites.push(hosted);
    const client = await register(`${hosted.origin}/callback`);
    const { page, complaints, verifier } = await allow(client);
    await page.waitForURL(`${program.origin}/done**`);
    const code = new URL(page.url()).searchParams.get('code') ?? '';
    expect(complaints).toEqual([]);
    expect((await redeem(usher, client, code, verifier)).status).toBe(200);
  });

  test('to a scheme of its own is not stopped by the policy of our form', async () => {
    const hosted = await openSite('127.0.0.1', (query) => `com.example.app:/done${query}`);
    sites.push(hosted);
    const { page, complaints } = await allow(await register(`${hosted.origin}/callback`));
    await expect.poll(() => hosted.visits.length).toBe(1);
    await page.waitForTimeout(500);
    expect(complaints.filter((text) => text.includes('form-action'))).toEqual([]);
  });

  test('a request that another site posts is for the person who is signed in', async () => {
    const site = await openSite('127.0.0.1', () => undefined);
    sites.push(site);
    const { page } = await watchedPage(browser, [usher.issuer]);
    await page.goto(`${usher.issuer}/sign-in`);
    await signIn(page, 'dba@acme.test');
    const client = await register(`${program.origin}/callback`);
    const { url } = authorizationRequest(usher, client, 'openid');
    const posted: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/oauth/authorize') posted.push(request.method());
    });
    await page.goto(site.origin); // 127.0.0.1 is another site than localhost
    await page.setContent(formOf(new URL(url)));
    await page.getByRole('button').click();
    await page.waitForURL('**/consent'); // not /sign-in: the GET after the 303 carries the cookie
    expect(posted).toEqual(['POST', 'GET']);
    expect(await page.content()).toContain('dba@acme.test');
  });

  test('a scheme as the redirect URI itself: the page stays, with a link to it', async () => {
    const { page, complaints } = await allow(await register('com.example.app:/callback'));
    const link = page.getByRole('link', { name: 'Continue' });
    await expect
      .poll(() => link.getAttribute('href'))
      .toMatch(/^com\.example\.app:\/callback\?code=/);
    expect(complaints.filter((text) => text.includes('form-action'))).toEqual([]);
  });
});

/** A form that sends a request's parameters by POST. */
function formOf({ origin, pathname, searchParams }: URL): string {
  const inputs = Array.from(
    searchParams,
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  );
  return `<form method="post" action="${origin}${pathname}">${inputs.join('')}<button>Go</button></form>`;
}
