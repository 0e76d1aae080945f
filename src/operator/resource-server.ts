/**
 * `resource-server ...`: those who ask what a token may do.
 *
 * @module
 */

import { createResourceServer } from '../applications/resource-servers.ts';
import { isOwnResource } from '../clients/own-resource.ts';
import { actorOf } from './acting.ts';
import { listCommand, organizationOption, ownerOf, removeCommand } from './clients.ts';
import type { Context, Given, Result, Subject } from './command.ts';

export const resourceServer: Subject = {
  summary: 'The resource servers: they ask what a token may do.',
  commands: {
    add: {
      summary: 'register a resource server; prints its id and, this once, its secret',
      words: ['NAME'],
      options: {
        audience: { value: 'URI', help: 'its resource indicator (RFC 8707)' },
        'requires-resource': { help: 'it must name the resource whenever it asks' },
        ...organizationOption,
      },
      byOperator: true,
      example: 'resource-server add "Shop API" --requires-resource',
      run: add,
    },
    list: listCommand('resource_server', 'resource-server', 'resource_servers'),
    remove: removeCommand(
      'resource_server',
      'resource-server',
      'rs_0123456789abcdef0123456789abcdef',
    ),
  },
};

async function add(context: Context, given: Given): Promise<Result> {
  const [name = ''] = given.words;
  const organizationId = await ownerOf(context, given);
  const audience = given.text('audience');
  if (audience !== undefined && isOwnResource(context.issuer, audience)) {
    return { outcome: 'audience_taken' };
  }
  const made = await createResourceServer(context.database, await actorOf(context, given), {
    name,
    kind:
      organizationId === undefined
        ? { kind: 'platform' }
        : { kind: 'organization', organizationId },
    audience,
    requiresResource: given.has('requires-resource'),
  });
  if (made.outcome !== 'created') return made;
  const { client, secret } = made;
  return {
    outcome: 'created',
    client_id: client.id,
    client_secret: secret,
    name: client.name,
    audience: client.audience,
  };
}
