/**
 * `resource-server ...`: those who ask what a token may do.
 *
 * @module
 */

import { changeAcceptedScopes } from '../applications/change-accepted-scopes.ts';
import { createResourceServer, printAcceptedScopes } from '../applications/resource-servers.ts';
import { rotateSecret } from '../applications/secrets.ts';
import { areAmbiguous } from '../clients/address-patterns.ts';
import { ownResource } from '../clients/own-resource.ts';
import { actorOf } from './acting.ts';
import { listCommand, organizationOption, ownerOf, removeCommand } from './clients.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';

export const resourceServer: Subject = {
  summary: 'The resource servers: they ask what a token may do.',
  commands: {
    add: {
      summary: 'register a resource server; prints its id and, this once, its secret',
      words: ['NAME'],
      options: {
        audience: {
          value: 'URI',
          help: 'its resource indicator (RFC 8707), such as https://mcp.example.com/{organization}/{database}',
        },
        scope: { value: 'SCOPES', help: 'the scopes that it accepts; without it, all' },
        'default-scope': {
          value: 'SCOPES',
          help: 'those asked for where a request names none; without it, all that it accepts',
        },
        'requires-resource': { help: 'it must name the resource whenever it asks' },
        ...organizationOption,
      },
      byOperator: true,
      example: 'resource-server add "Shop API" --requires-resource',
      run: add,
    },
    scopes: {
      summary: 'change which scopes it accepts, for tokens that are out, too',
      words: ['CLIENT_ID'],
      options: {
        scope: { value: 'SCOPES', help: 'the scopes that it accepts; without it, those as before' },
        all: { help: 'accept every scope' },
        'default-scope': {
          value: 'SCOPES',
          help: 'those asked for where a request names none; without it, all that it accepts',
        },
      },
      byOperator: true,
      example: 'resource-server scopes rs_0123456789abcdef0123456789abcdef --all',
      run: changeScopes,
    },
    rotate: {
      summary: 'give it a new secret, printed this once; the old one ends',
      words: ['CLIENT_ID'],
      options: {
        'old-for': {
          value: 'MINUTES',
          help: 'how long the old secret works on; without it, it ends at once',
        },
      },
      byOperator: true,
      example: 'resource-server rotate rs_0123456789abcdef0123456789abcdef --old-for 60',
      run: rotate,
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
  if (audience !== undefined && areAmbiguous(audience, ownResource(context.issuer))) {
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
    scope: given.text('scope'),
    defaultScope: given.text('default-scope'),
  });
  if (made.outcome !== 'created') return made;
  const { client, secret, scopes } = made;
  return {
    outcome: 'created',
    client_id: client.id,
    client_secret: secret,
    name: client.name,
    audience: client.audience,
    ...printAcceptedScopes(scopes),
  };
}

async function changeScopes(context: Context, given: Given): Promise<Result> {
  const [clientId = ''] = given.words;
  const [scope, defaultScope] = [given.text('scope'), given.text('default-scope')];
  const isAll = given.has('all');
  const isSaid = isAll ? scope === undefined : (scope ?? defaultScope) !== undefined;
  if (!isSaid) throw new CommandError('give --scope, --default-scope, or --all and neither');
  const wish = { clientId, scope: isAll ? '' : scope, defaultScope };
  const changed = await changeAcceptedScopes(context.database, await actorOf(context, given), wish);
  if (changed.outcome !== 'changed') return changed;
  return { outcome: 'changed', client_id: clientId, ...printAcceptedScopes(changed.scopes) };
}

const longestMinutes = 30 * 24 * 60;

async function rotate(context: Context, given: Given): Promise<Result> {
  const [clientId = ''] = given.words;
  const oldMinutes = minutesOf(given.text('old-for') ?? '0');
  const wish = { clientId, oldSeconds: oldMinutes * 60 };
  const rotated = await rotateSecret(context.database, await actorOf(context, given), wish);
  if (rotated.outcome === 'too_many') {
    const reason = 'Five secrets work already. Rotate without --old-for to end them all';
    return { outcome: 'refused', reason };
  }
  if (rotated.outcome !== 'changed') return rotated;
  return {
    outcome: 'changed',
    client_id: clientId,
    client_secret: rotated.secret,
    note:
      rotated.old === 0
        ? 'The old secret does not work any more.'
        : `The old secret works for ${oldMinutes} minutes more.`,
  };
}

function minutesOf(written: string): number {
  const minutes = Number(written);
  if (/^\d+$/.test(written) && minutes <= longestMinutes) return minutes;
  throw new CommandError(`--old-for must be minutes, at most ${longestMinutes} (30 days)`);
}
