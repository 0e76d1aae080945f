/** One request to the authorization endpoint, and what came back: nothing is followed. */

import { expect } from 'vitest';
import { authorizationRequest, type Node, type TestClient } from './oauth.ts';
import type { UserAgent } from './user-agent.ts';

export interface AuthorizeAnswer {
  readonly status: number;
  /** Where the browser is sent, if it is. */
  readonly location: URL | undefined;
  readonly html: string;
  readonly headers: Headers;
}

/** Changes of the request: a list repeats the parameter, undefined leaves it out. */
export type Change = Record<string, string | string[] | undefined>;

/** Sends an otherwise good request, with the browser's cookies if one is given. */
export async function authorize(
  server: Node,
  client: TestClient,
  change: Change = {},
  agent?: UserAgent,
): Promise<AuthorizeAnswer> {
  const url = new URL(authorizationRequest(server, client, 'database:read_database').url);
  for (const [name, value] of Object.entries(change)) {
    url.searchParams.delete(name);
    for (const one of [value ?? []].flat()) url.searchParams.append(name, one);
  }
  return visit(url.href, agent);
}

/** Opens an address as a browser does, but follows nothing. */
export async function visit(url: string, agent?: UserAgent): Promise<AuthorizeAnswer> {
  const cookie = [...(agent?.cookies ?? [])].map((pair) => pair.join('=')).join('; ');
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'text/html', cookie },
  });
  const { status, headers } = response;
  const location = headers.get('location');
  const target = location === null ? undefined : new URL(location, url);
  return { status, location: target, html: await response.text(), headers };
}

/** The error stays with us: a page, no way back to an address that nobody vouches for. */
export function expectErrorPage({ status, location, html, headers }: AuthorizeAnswer): void {
  expect({ status, location }).toEqual({ status: 400, location: undefined });
  expect(headers.get('content-type')).toContain('text/html');
  expect(headers.get('cache-control')).toContain('no-store');
  expect(html).not.toMatch(/<script>|<meta http-equiv="refresh"/i);
}

/** The error is told to the application, at its registered address. */
export function expectErrorRedirect(
  { status, location }: AuthorizeAnswer,
  client: TestClient,
  error: string,
): URLSearchParams {
  expect(status).toBe(303);
  expect(`${location?.origin}${location?.pathname}`).toBe(client.redirectUri);
  const parameters = location?.searchParams ?? new URLSearchParams();
  expect(parameters.get('error')).toBe(error);
  expect(parameters.get('code')).toBeNull();
  return parameters;
}
