/** Commands of the operators' command line on the database of a test. */

import { Readable } from 'node:stream';
import { newId } from '../../src/lib/ids.ts';
import type { Result } from '../../src/operator/command.ts';
import { runCommand } from '../../src/operator/run.ts';
import type { Database } from '../../src/storage/engine/database.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { testUsherKey } from '../support/server.ts';

/** Runs one command; what it prints as a link or secret is remembered as such. */
export type Run = (...args: string[]) => Promise<Result>;

/** @returns how commands are run on a database of that issuer. */
export function commandsOn(
  database: Database,
  issuer: string,
  production = false,
  input = () => '',
): Run {
  const usherKey = () => testUsherKey;
  const context = { database, issuer, production, usherKey, input: () => Readable.from([input()]) };
  return async (...args) => {
    const result = await runCommand(context, args);
    recordSecret('client_secret', String(result['client_secret'] ?? ''));
    recordSecret(
      'link',
      String(result['link'] ?? '')
        .split('/')
        .at(-1) ?? '',
    );
    return result;
  };
}

/** An address that no account has. */
export const freshEmail = () => `${newId()}@new.test`;
