/** A form that ends its own session, sent many times at once: all get the first answer. */

import { describe, expect, test } from 'vitest';
import { addAccount, password } from '../accounts/people.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startProcesses } from '../support/processes.ts';
import { signedInAs } from '../support/sign-in.ts';
import { copyOf } from '../support/submit-twice.ts';
import { type Fields, fill } from '../support/user-agent.ts';

const rounds = 10;
const many = 12;

describe(...onlyOnPostgres('two processes', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));

  /** One browser sends one form to both processes, many times at the same moment. */
  async function sendAtOnce(path: string, action: string, change: (fields: Fields) => Fields) {
    const account = await addAccount(processes.nodes[0].database.db);
    const first = await signedInAs(processes.nodes[0], account.email, password);
    const page = await first.get(path);
    const sent = Array.from({ length: many }, (_, n) => {
      const { issuer } = processes.nodes[n % 2] ?? processes.nodes[0];
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
