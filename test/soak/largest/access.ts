/** The decisions API. */

import { demoApi } from '../../support/oauth.ts';
import { many } from '../wide-world.ts';
import { basic, json, type LargeRequest, type Parts, type Rows } from './parts.ts';
import { kilobyte, members, worstJson } from './texts.ts';

export function accessRows({ send, world }: Parts): Rows {
  const { tokens, branches, users } = world;
  const ask = (path: string, body: unknown): (() => Promise<number>) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    if (text.length > 1024 * kilobyte) throw new Error(`${path}: ${text.length} bytes`);
    return () =>
      send(path, { method: 'POST', headers: { ...json, ...basic(demoApi) }, body: text });
  };
  const thousand = <Made>(make: (n: number) => Made) =>
    Array.from({ length: many }, (_, n) => make(n));
  const subject = (n: number) => ({ type: 'access_token', id: tokens[n] });
  const resource = (n: number) => ({ type: 'branch', id: branches[n] });
  const action = { name: 'branch:read_branch' };
  const hostile = (path: string): LargeRequest[] =>
    worstJson(1024 * kilobyte).map(([what, body]) => ({
      what,
      send: ask(path, body),
      status: 400,
    }));
  const properties = JSON.parse(members(300 * kilobyte));
  const one = '/access/v1/evaluation';
  const batch = '/access/v1/evaluations';
  const asks = '/access/v1/introspections';
  return {
    [`POST ${one}`]: [
      {
        what: 'properties',
        send: ask(one, {
          subject: subject(0),
          action: { ...action, properties },
          resource: resource(0),
        }),
        status: 200,
      },
      ...hostile(one),
    ],
    [`POST ${batch}`]: [
      {
        what: '1,000 branches',
        send: ask(batch, {
          subject: subject(0),
          action,
          evaluations: thousand((n) => ({ resource: resource(n) })),
        }),
        status: 200,
      },
      {
        what: '1,000 tokens',
        send: ask(batch, {
          action,
          evaluations: thousand((n) => ({ subject: subject(n), resource: resource(n) })),
        }),
        status: 200,
      },
      {
        what: '1,000 users',
        send: ask(batch, {
          action,
          evaluations: thousand((n) => ({
            subject: { type: 'user', id: users[n % 2] },
            resource: resource(n),
          })),
        }),
        status: 200,
      },
      {
        what: '1,000 faults',
        send: ask(batch, { evaluations: thousand(() => ({})) }),
        status: 200,
      },
      {
        what: 'large defaults',
        send: ask(batch, {
          subject: subject(0),
          action,
          context: properties,
          evaluations: thousand((n) => ({ resource: resource(n) })),
        }),
        status: 200,
      },
      {
        what: 'unknown properties as defaults',
        send: ask(batch, {
          ...properties,
          subject: subject(0),
          action,
          evaluations: thousand((n) => ({ resource: resource(n) })),
        }),
        status: 200,
      },
      ...hostile(batch),
    ],
    [`POST ${asks}`]: [
      {
        what: '1,000 on branches',
        send: ask(asks, {
          questions: thousand((n) => ({ token: tokens[n], resource: branches[n] })),
        }),
        status: 200,
      },
      {
        what: '1 on 500 entries',
        send: ask(asks, { questions: [{ token: tokens[0] }] }),
        status: 200,
      },
      {
        what: '100 on 500 entries',
        send: ask(asks, { questions: tokens.slice(0, 100).map((token) => ({ token })) }),
        status: 200,
      },
      {
        what: '1,000 on 500 entries',
        send: ask(asks, { questions: tokens.map((token) => ({ token })) }),
        status: 200,
      },
      {
        what: 'a long resource',
        send: ask(asks, {
          questions: [{ token: tokens[0], resource: 'a/'.repeat(450 * kilobyte) }],
        }),
        status: 200,
      },
      ...hostile(asks),
    ],
  };
}
