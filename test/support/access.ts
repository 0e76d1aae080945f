/** Calls the decisions API as a resource server does. */

import { demoApi, type TestClient } from './oauth.ts';
import type { TestServer } from './server.ts';

export interface AccessAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
  readonly body: any;
}

export interface AccessCall {
  readonly asker?: TestClient;
  /** Undefined leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Sends what is not a string as JSON; `path` is what stands behind `/access/v1/`. */
export async function callAccess(
  { issuer }: Pick<TestServer, 'issuer'>,
  path: string,
  sent: unknown,
  { asker = demoApi, headers = {} }: AccessCall = {},
): Promise<AccessAnswer> {
  const credentials = Buffer.from(`${asker.id}:${asker.secret}`).toString('base64');
  const all = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/json',
    ...headers,
  };
  const response = await fetch(`${issuer}/access/v1/${path}`, {
    method: 'POST',
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    body: typeof sent === 'string' ? new TextEncoder().encode(sent) : JSON.stringify(sent),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
