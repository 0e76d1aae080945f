/** A real https host on loopback that serves what a test wants, trusted by this process. */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificates } from './debian.ts';

/** Answers the requests for one path. */
type Serve = (request: IncomingMessage, response: ServerResponse) => void;

export interface DocumentHost {
  /** Such as `https://localhost:1234`. */
  readonly origin: string;
  /** In PEM, for a process of its own (NODE_EXTRA_CA_CERTS). */
  readonly ca: string;
  /** What is served, by path; all else is 404. */
  readonly pages: Map<string, Serve>;
  /** The paths that were asked for, in order. */
  readonly asked: string[];
  /** Serves a document under a path, `client_id` and all. @returns its address. */
  publish(path: string, document?: Readonly<Record<string, unknown>>, headers?: Headers): string;
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

/** What the document of a test says unless it says something else. */
const usualDocument = {
  client_name: 'Helper',
  redirect_uris: ['http://127.0.0.1/callback', 'https://helper.test/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
};

/** Starts it on a free port. */
export async function startDocumentHost(): Promise<DocumentHost> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-host-'));
  const made = makeCertificates(directory);
  const [ca, cert, key] = [made.ca, made.certificate, made.key].map((path) =>
    readFileSync(path, 'utf8'),
  ) as [string, string, string];
  rmSync(directory, { recursive: true });
  const before = getCACertificates();
  setDefaultCACertificates([...before, ca]);
  const pages = new Map<string, Serve>();
  const asked: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '');
    const serve = pages.get(request.url ?? '');
    if (serve === undefined) response.writeHead(404).end();
    else serve(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    ca,
    pages,
    asked,
    publish(path, document = {}, headers = {}) {
      const body = JSON.stringify({ client_id: origin + path, ...usualDocument, ...document });
      pages.set(path, (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
      });
      return origin + path;
    },
    async close() {
      setDefaultCACertificates(before);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
