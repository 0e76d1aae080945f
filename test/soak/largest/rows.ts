/**
 * The largest that each endpoint takes, and the worst of that size; what is refused for its size alone
 * is not here.
 */

import { apiOf } from '../../api/api-server.ts';
import type { MeteredServer } from '../../support/metered-server.ts';
import { signInFor } from '../../support/oauth.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';
import type { WideWorld } from '../wide-world.ts';
import { accessRows } from './access.ts';
import { managementRows } from './management.ts';
import { oauthRows } from './oauth.ts';
import { pageRows } from './pages.ts';
import type { Parts, Rows, Sent } from './parts.ts';

/** @returns a row for every route that the process has mounted. */
export async function largestRequests(server: MeteredServer, world: WideWorld): Promise<Rows> {
  const api = await apiOf(server);
  const send = async (path: string, { headers = {}, ...init }: Sent = {}) => {
    const response = await fetch(`${server.issuer}${path}`, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(60_000),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const parts: Parts = {
    server,
    world,
    send,
    browser: await signedIn(server, world),
    administrator: await api.inBrowser(world.administrator),
    service: await api.byService(),
  };
  return {
    ...(await managementRows(parts)),
    ...accessRows(parts),
    ...(await oauthRows(parts)),
    ...pageRows(parts, server.routes),
  };
}

async function signedIn(server: MeteredServer, { email }: WideWorld): Promise<UserAgent> {
  const agent = createUserAgent(server.issuer);
  await signInFor(agent, `${server.issuer}/sign-in`, email);
  return agent;
}
