/** A form that ends its own session, sent many times at once: all get the first answer. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAccount, password } from '../accounts/people.ts';
import { onlyOnPostgres } from '../support/database.ts';
import type { Node } from '../support/oauth.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { copyOf } from '../support/submit-twice.ts';
import { createUserAgent, type Fields, fill } from '../support/user-agent.ts';

const rounds = 10;
const many = 12;

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  let processes: Processes;
  let nodes: readonly [Node, ...Node[]];
  beforeAll(async () => {
    processes = await startProcesses(2);
    nodes = processes.nodes;
  });
  afterAll(() => processes.close());

  /** One browser sends one form to both processes, many times at the same moment. */
  async function sendAtOnce(path: string, action: string, change: (fields: Fields) => Fields) {
    const account = await addAccount(nodes[0].database.db);
    const first = createUserAgent(nodes[0].issuer);
    await first.submit(await first.get('/sign-in'), (fields) =>
      fill(fill(fields, 'email', account.email), 'password', password),
    );
    const page = await first.get(path);
    const sent = Array.from({ length: many }, (_, n) => {
      const { issuer } = nodes[n % 2] ?? nodes[0];
      return copyOf(first, issuer).submit({ ...page, url: issuer + path }, change, action);
    });
    const pages = await Promise.all(sent);
    return pages.map(({ status, url }) => `${status} ${new URL(url).pathname}`);
  }

  test('the deletion of an account', async () => {
    for (let round = 0; round < rounds; round++) {
      const answers = await sendAtOnce('/account/delete', '/account/delete', (fields) => fields);
      expect(answers).toEqual(Array(many).fill('200 /account/deleted'));
    }
  });

  test('a new password', async () => {
    const next = 'velvet turbine orchard';
    const change = (fields: Fields) =>
      fill(
        fill(fill(fields, 'current_password', password), 'new_password', next),
        'repeated_password',
        next,
      );
    for (let round = 0; round < 3; round++) {
      const answers = await sendAtOnce('/account', '/account/password', change);
      expect(answers).toEqual(Array(many).fill('200 /account'));
    }
  });
});
