/**
 * `service-client ...`: the platform's own programs, which keep the tree in step.
 *
 * @module
 */

import type { Actor } from '../applications/as-operator.ts';
import { createServiceClient, type NewServiceClient } from '../applications/service-clients.ts';
import { servicePowerNames } from '../clients/service-clients.ts';
import { actorOf } from './acting.ts';
import { listCommand, removeCommand } from './clients.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';
import { writeNewKey } from './key-file.ts';
import { readText } from './secret-input.ts';

export const serviceClient: Subject = {
  summary: 'The platform’s own programs, which keep organizations and databases in step.',
  commands: {
    add: {
      summary: 'register a service client by the public half of its key, or make one for it',
      words: ['NAME', '[JWK_FILE]'],
      options: {
        'make-key': {
          value: 'FILE',
          help: 'make the key pair, and write its private half to this new file (JWK, mode 0600)',
        },
        'sign-in': {
          help: 'it names who signs in, where SIGN_IN_URL hands sign-in to the platform',
        },
        administrators: {
          help: 'it makes members administrators of their organization, as the platform says',
        },
      },
      byOperator: true,
      example: 'service-client add "The platform" --make-key private.jwk',
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
  const [name = '', file] = given.words;
  const newFile = given.text('make-key');
  if ((file === undefined) === (newFile === undefined)) {
    throw new CommandError('Give one of the two: JWK_FILE with the public key, or --make-key FILE');
  }
  const powers = servicePowerNames.filter((power) => given.has(power));
  const actor = await actorOf(context, given);
  if (newFile === undefined)
    return register(context, actor, { name, jwks: readKeys(file ?? ''), powers });
  const key = await writeNewKey(newFile);
  try {
    const made = await register(context, actor, { name, jwks: { keys: [key.publicKey] }, powers });
    if (made.outcome !== 'created') key.discard();
    return made.outcome === 'created' ? { ...made, private_key: newFile } : made;
  } catch (error) {
    key.discard();
    throw error;
  }
}

async function register(context: Context, actor: Actor, wanted: NewServiceClient): Promise<Result> {
  const made = await createServiceClient(context.database, actor, wanted);
  if (made.outcome !== 'created') return made;
  const { id, name: shown } = made.client;
  const { powers = [] } = wanted;
  return { outcome: 'created', client_id: id, name: shown, ...(powers.length > 0 && { powers }) };
}

/** One key alone is a set of one. */
function readKeys(file: string): unknown {
  const written = readText(file);
  try {
    const read = JSON.parse(written);
    return 'keys' in read ? read : { keys: [read] };
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
