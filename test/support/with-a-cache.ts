/**
 * What Usher does not do: answers to introspection that are kept for a second. It stands in front
 * of a process to show that the checker of stale answers finds them.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Node } from './oauth.ts';
import { freePort } from './server.ts';

interface Kept {
  readonly status: number;
  readonly body: string;
  readonly until: number;
}

const keptMilliseconds = 1_000;

/** Starts a cache in front of a process. */
export async function startCache(behind: Node): Promise<{ node: Node; close(): Promise<void> }> {
  const kept = new Map<string, Kept>();
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const { authorization = '', 'content-type': type = '' } = req.headers;
    const body = await text(req);
    const key = `${authorization} ${body}`;
    const known = kept.get(key);
    const isFresh = known !== undefined && performance.now() < known.until;
    const found = isFresh ? known : await askBehind(behind, { authorization, type, body });
    kept.set(key, found);
    res.writeHead(found.status, { 'content-type': 'application/json' }).end(found.body);
  };
  const port = await freePort();
  const server = createServer((req, res) => void answer(req, res));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    node: { issuer: `http://127.0.0.1:${port}`, database: behind.database },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Question {
  readonly authorization: string;
  readonly type: string;
  readonly body: string;
}

async function askBehind({ issuer }: Node, { authorization, type, body }: Question): Promise<Kept> {
  const response = await fetch(`${issuer}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body,
  });
  const until = performance.now() + keptMilliseconds;
  return { status: response.status, body: await response.text(), until };
}
