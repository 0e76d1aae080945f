/** A real Koa server on a free loopback port, put together by the test that needs it. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { platformWords } from '../../src/catalogue/words.ts';
import { loadMessages, messagesDirectory } from '../../src/lib/messages.ts';
import { errorPages } from '../../src/web/page/error-pages.ts';
import {
  createRenderer,
  type MessagesOf,
  messagesByLanguage,
  type RenderPage,
} from '../../src/web/page/render-page.ts';
import { securityHeaders } from '../../src/web/page/security-headers.ts';

/** What a test mounts its routes on. */
export interface SmallSite {
  readonly app: Koa;
  readonly issuer: string;
  readonly renderPage: RenderPage;
  readonly messagesOf: MessagesOf;
}

export interface SmallServer {
  readonly issuer: string;
  /** The failures that were written to the log. */
  readonly reported: unknown[];
  close(): Promise<void>;
}

/** @param issuer what the site believes to be, where that differs from where it listens. */
export async function startSmallServer(
  mount: (site: SmallSite) => void,
  issuer?: string,
): Promise<SmallServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site = { app: new Koa(), issuer: issuer ?? address };
  const messagesOf = messagesByLanguage(loadMessages(messagesDirectory, { words: platformWords }));
  const renderPage = createRenderer({ issuer: site.issuer, messagesOf });
  const reported: unknown[] = [];
  site.app.use(securityHeaders(site));
  site.app.use(
    errorPages({ renderPage, messagesOf }, (_ctx, error) => `request-${reported.push(error)}`),
  );
  mount({ ...site, renderPage, messagesOf });
  const handle = site.app.callback();
  server.on('request', (request, response) => void handle(request, response));
  return { issuer: address, reported, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
