/** What the rows of large requests are made of. */

import type { Caller } from '../../api/api-server.ts';
import type { MeteredServer } from '../../support/metered-server.ts';
import type { TestClient } from '../../support/oauth.ts';
import type { UserAgent } from '../../support/user-agent.ts';
import type { WideWorld } from '../wide-world.ts';

/** One kind of request; `send` may be called again, and says the status. */
export interface LargeRequest {
  readonly what: string;
  readonly send: () => Promise<number>;
  /** Done before each, outside of what is measured. */
  readonly before?: () => Promise<unknown>;
  /** Undefined: any but a failure of the server's. */
  readonly status?: number;
}

/** By the method and the pattern of the path. */
export type Rows = Readonly<Record<string, readonly LargeRequest[]>>;

export const json = { 'content-type': 'application/json' };
export const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Beside the path. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The process, the world in it, and who calls. */
export interface Parts {
  readonly server: MeteredServer;
  readonly administrator: Caller;
  readonly service: Caller;
  readonly world: WideWorld;
  readonly send: (path: string, sent?: Sent) => Promise<number>;
  readonly browser: UserAgent;
}

export const basic = ({ id, secret }: TestClient) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/** What a browser sends along. */
export const cookieOf = ({ cookies }: UserAgent) => ({
  cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
});
