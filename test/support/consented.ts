/** What most tests of the protocol begin with: somebody who has signed in and consented. */

import { consentTo, type Node, obtainCode, type TestClient } from './oauth.ts';
import { createUserAgent, type UserAgent } from './user-agent.ts';

/**
 * As `consentTo`, to one client or several.
 *
 * @returns a browser in which they are signed in; the first client has got a code by it.
 */
export async function consentedBrowser(
  server: Node,
  clients: TestClient | readonly [TestClient, ...TestClient[]],
  email: string,
  scope: string,
  paths: readonly string[],
): Promise<UserAgent> {
  const [first, ...others] = 'id' in clients ? [clients] : clients;
  for (const client of [first, ...others]) await consentTo(server, client, email, scope, paths);
  const agent = createUserAgent(server.issuer);
  await obtainCode(server, first, email, scope, agent);
  return agent;
}
