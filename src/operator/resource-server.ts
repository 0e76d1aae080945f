/**
 * `resource-server ...`: those who ask what a token may do.
 *
 * @module
 */

import { createResourceServer } from '../applications/resource-servers.ts';
import { actorOf } from './acting.ts';
import type { Context, Given, Subject } from './command.ts';

export const resourceServer: Subject = {
  summary: 'The resource servers: they ask what a token may do.',
  commands: {
    add: {
      summary: 'register a resource server; prints its id and, this once, its secret',
      words: ['NAME'],
      options: {
        audience: { value: 'URI', help: 'its resource indicator (RFC 8707)' },
        'requires-resource': { help: 'it must name the resource whenever it asks' },
      },
      byOperator: true,
      example: 'resource-server add "Shop API" --requires-resource',
      run: add,
    },
  },
};

async function add(context: Context, given: Given) {
  const [name = ''] = given.words;
  return createResourceServer(context.database, await actorOf(context, given), {
    name,
    kind: { kind: 'platform' },
    audience: given.text('audience'),
    requiresResource: given.has('requires-resource'),
  });
}
