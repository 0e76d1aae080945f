/** Usher with the demo data, the example API in front of it, and tokens to call it with. */

import { once } from 'node:events';
import {
  createResourceServer,
  type ResourceServer,
  type ResourceServerError,
  type ResourceServerOptions,
} from '../../src/resource-server/resource-server.ts';
import { freePort } from '../support/free-port.ts';
import { consentTo, demoApi, demoApp, idOf, obtainTokens } from '../support/oauth.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createKoaApi } from './example/koa-api.ts';

/** What the example's routes need. */
export const branchScopes = [
  'database:read_branches',
  'database:write_branches',
  'database:delete_branches',
].join(' ');

export interface Setting {
  readonly usher: TestServer;
  /** The example, listening. */
  readonly api: { readonly url: string; readonly server: ResourceServer; stop(): Promise<void> };
  /** Why requests to the example were answered with 500 or 503. */
  readonly failures: ResourceServerError[];
  stopUsher(): Promise<void>;
  close(): Promise<void>;
}

/** @param environment of Usher. */
export async function openSetting(environment: Record<string, string> = {}): Promise<Setting> {
  const usher = await startTestServer(environment);
  const failures: ResourceServerError[] = [];
  const api = await startApi({ ...asDemoApi(usher), onFailure: (error) => failures.push(error) });
  let stopped: Promise<void> | undefined;
  const stopUsher = () => {
    stopped ??= usher.close();
    return stopped;
  };
  return { usher, api, failures, stopUsher, close: () => api.stop().then(stopUsher) };
}

/** The credentials of the demo's platform resource server. */
export function asDemoApi({ issuer }: Pick<TestServer, 'issuer'>): ResourceServerOptions {
  return { issuer, clientId: demoApi.id, clientSecret: demoApi.secret };
}

/** Starts the example on a free port. */
export async function startApi(options: ResourceServerOptions): Promise<Setting['api']> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const server = createResourceServer({ url, ...options });
  const listener = createKoaApi(server).listen(port, 'localhost');
  await once(listener, 'listening');
  return {
    url,
    server,
    async stop() {
      server.close();
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Someone consents on these paths; @returns an access token of the demo application. */
export async function tokenFor(
  usher: TestServer,
  email: string,
  scope: string,
  paths: readonly string[],
): Promise<string> {
  await consentTo(usher, demoApp, email, scope, paths);
  return (await obtainTokens(usher, demoApp, email, scope)).access_token;
}

/** The printed id of `acme/shop/main`, `acme/shop` or `acme`. */
export async function printedId(usher: TestServer, path: string): Promise<string> {
  const prefix = ['org', 'db', 'br'][path.split('/').length - 1];
  return `${prefix}_${(await idOf(usher.database.db, path)).replaceAll('-', '')}`;
}
