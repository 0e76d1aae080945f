/**
 * `service-client ...`: the platform's own programs, which keep the tree in step.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { createServiceClient } from '../applications/service-clients.ts';
import { actorOf } from './acting.ts';
import { listCommand, removeCommand } from './clients.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';

export const serviceClient: Subject = {
  summary: 'The platform’s own programs, which keep organizations and databases in step.',
  commands: {
    add: {
      summary: 'register a service client by the public half of its key',
      words: ['NAME', 'JWK_FILE'],
      byOperator: true,
      example: 'service-client add "The platform" public.jwk',
      run: add,
    },
    list: listCommand('service_client', 'service-client', 'service_clients'),
    remove: removeCommand(
      'service_client',
      'service-client',
      'sync_0123456789abcdef0123456789abcdef',
    ),
  },
};

async function add(context: Context, given: Given): Promise<Result> {
  const [name = '', file = ''] = given.words;
  const wanted = { name, jwks: readKeys(file) };
  const made = await createServiceClient(context.database, await actorOf(context, given), wanted);
  if (made.outcome !== 'created') return made;
  return { outcome: 'created', client_id: made.client.id, name: made.client.name };
}

/** One key alone is a set of one. */
function readKeys(file: string): unknown {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8'));
    return 'keys' in read ? read : { keys: [read] };
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
