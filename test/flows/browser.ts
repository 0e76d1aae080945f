/** A person at Debian's Chromium, and an application that waits for them to come back. */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onPostgres } from '../support/database.ts';
import { forAllTests, whatIs } from '../support/for-all-tests.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const executablePath = '/usr/bin/chromium';

/** On PostgreSQL nothing may be skipped: there the missing browser is a failure. */
const isSkipped = !existsSync(executablePath) && !onPostgres;

/** As `onlyOnPostgres`, for what needs a browser. */
export function inChromium(title: string): [string, { skip: boolean }] {
  const told = isSkipped ? ` (skipped: there is no ${executablePath})` : ', in Chromium';
  return [title + told, { skip: isSkipped }];
}

/**
 * As `inChromium`, for looking at page after page, which no database changes: where a run on PostgreSQL
 * follows (`PAGES_LATER`, set by CI), they are looked at there.
 */
export function onceInChromium(title: string): [string, { skip: boolean }] {
  const isLater = process.env['PAGES_LATER'] !== undefined && !onPostgres;
  if (!isLater) return inChromium(title);
  return [`${title} (skipped: the run on PostgreSQL looks at them)`, { skip: true }];
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Fewer processes, and none anew for every page.
      '--in-process-gpu',
      '--process-per-site',
      '--renderer-process-limit=1',
    ],
  });
}

/** A server and a browser for all tests of this file or suite, started at the same time. */
export function serverAndBrowser(environment: Readonly<Record<string, string>> = {}): {
  readonly server: TestServer;
  readonly browser: Browser;
} {
  const both = forAllTests(async () => {
    const [server, browser] = await Promise.all([startTestServer(environment), openBrowser()]);
    return { server, browser, close: () => browser.close().then(server.close) };
  });
  return { server: whatIs(() => both.server), browser: whatIs(() => both.browser) };
}

/** A page, and what a good one leaves empty. */
export interface Watched {
  readonly page: Page;
  /** Addresses of requests to anywhere but these origins. */
  readonly strangers: readonly string[];
  /** What the browser complained about: violations of the policy, errors of scripts. */
  readonly complaints: readonly string[];
}

/** A new person with no cookies, watched; `origins` are those that may be asked for anything. */
export async function watchedPage(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const page = await (await browser.newContext(options)).newPage();
  const strangers: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) strangers.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, strangers, complaints };
}

export async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('usher-demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForLoadState();
}

/** The application behind `http://localhost:8765/callback`. */
export interface WaitingApplication {
  readonly origin: string;
  /** What the next browser to come back brings. */
  nextCallback(): Promise<URLSearchParams>;
  close(): Promise<void>;
}

export async function waitAtCallback(port: number): Promise<WaitingApplication> {
  const came: URLSearchParams[] = [];
  const waiting: ((parameters: URLSearchParams) => void)[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'text/html').end('<link rel="icon" href="data:,">back');
    if (pathname !== '/callback') return;
    const next = waiting.shift();
    if (next) next(searchParams);
    else came.push(searchParams);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${port}`,
    nextCallback: async () => came.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
