/** A line to Usher that a test can break: requests pass through it unless a fault is set. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What Usher answered, for a fault to change. */
export interface Passing {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Takes the place of passing on; `pass` fetches Usher's answer. */
export type Fault = (
  res: ServerResponse,
  req: IncomingMessage,
  pass: () => Promise<Passing>,
) => void | Promise<void>;

export interface BadLine {
  readonly url: string;
  /** Where Usher listens. */
  usherPort: number;
  /** For the questions of resource servers only. */
  fault: Fault | undefined;
  /** The requests with such questions that arrived. */
  arrived: number;
  close(): Promise<void>;
}

/** Usher is started after it, with the line's address as its issuer; its port is told then. */
export async function openBadLine(): Promise<BadLine> {
  const server = createServer((req, res) => {
    if (!/^\/(oauth\/introspect|access\/)/.test(req.url ?? '')) return passOn(req, res);
    line.arrived += 1;
    if (line.fault === undefined) return passOn(req, res);
    return void line.fault(res, req, () => passAndRead(req));
  });

  function forward(req: IncomingMessage): Promise<IncomingMessage> {
    const { method, url: path, headers } = req;
    const onwards = request({ host: '127.0.0.1', port: line.usherPort, method, path, headers });
    req.pipe(onwards);
    return once(onwards, 'response').then(([response]) => response);
  }

  function passOn(req: IncomingMessage, res: ServerResponse): void {
    forward(req).then(
      (answer) => {
        res.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(res);
      },
      () => res.destroy(),
    );
  }

  async function passAndRead(req: IncomingMessage): Promise<Passing> {
    const answer = await forward(req);
    const { statusCode = 0, headers } = answer;
    const { 'content-length': _, ...kept } = headers;
    return { status: statusCode, headers: kept, body: await text(answer) };
  }

  server.listen(0, 'localhost');
  await once(server, 'listening');
  const line: BadLine = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    usherPort: 0,
    fault: undefined,
    arrived: 0,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return line;
}

/** Sends Usher's answer, changed. */
export function changed(change: (answer: Passing) => Partial<Passing>): Fault {
  return async (res, _req, pass) => {
    const answer = await pass();
    const { status, headers, body } = { ...answer, ...change(answer) };
    res.writeHead(status, headers).end(body);
  };
}

/** Sends Usher's answer with members of its JSON changed. */
export function changedJson(change: Record<string, unknown>): Fault {
  return changed(({ body }) => ({ body: JSON.stringify({ ...JSON.parse(body), ...change }) }));
}
