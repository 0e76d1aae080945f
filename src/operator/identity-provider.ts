/**
 * `identity-provider ...`: the OpenID providers with which people sign in.
 *
 * @module
 */

import { addIdentityProvider, removeIdentityProvider } from '../applications/identity-providers.ts';
import { listProviders } from '../storage/people/identity-providers.ts';
import { backchannelOf, callbackOf, signedOutOf } from '../upstream/addresses.ts';
import { createProviderSecrets } from '../upstream/provider-secrets.ts';
import { actorOf } from './acting.ts';
import { CommandError, type Context, type Given, type Result, type Subject } from './command.ts';
import { readText } from './secret-input.ts';

export const identityProvider: Subject = {
  summary: 'The OpenID providers with which people sign in, for the whole installation.',
  commands: {
    add: {
      summary: 'add a provider; prints the addresses to register there',
      words: ['ID', 'ISSUER', 'CLIENT_ID', 'SECRET_FILE'],
      options: {
        name: {
          value: 'NAME',
          help: 'what people read, as in "Continue with NAME"; ID unless set',
        },
        trust: {
          value: 'DOMAIN',
          multiple: true,
          help: 'believe it whose the addresses of this domain are: they open existing accounts',
        },
        'private-network': { help: 'its addresses may be those of a private network' },
      },
      byOperator: true,
      example:
        'identity-provider add acme https://accounts.example.com usher secret.txt --name Acme --trust example.com',
      run: add,
    },
    list: {
      summary: 'list the providers',
      words: [],
      byOperator: false,
      example: 'identity-provider list',
      run: async ({ database }) => ({
        outcome: 'listed',
        identity_providers: (await listProviders(database)).map((one) => ({
          id: one.id,
          name: one.name,
          issuer: one.issuer,
          client_id: one.clientId,
          trusted_domains: one.trustedDomains,
          added_at: one.createdAt,
        })),
      }),
    },
    remove: {
      summary: 'remove a provider; the sessions that began there end',
      words: ['ID'],
      byOperator: true,
      example: 'identity-provider remove acme',
      run: async (context, given) => {
        const [id = ''] = given.words;
        return removeIdentityProvider(context.database, await actorOf(context, given), id);
      },
    },
  },
};

async function add(context: Context, given: Given): Promise<Result> {
  const [id = '', issuer = '', clientId = '', file = ''] = given.words;
  const { database, issuer: own, production: isProduction } = context;
  const secret = readSecret(file);
  const added = await addIdentityProvider(database, await actorOf(context, given), {
    id,
    issuer,
    clientId,
    name: given.text('name') ?? id,
    trustedDomains: given.texts('trust'),
    isPrivate: given.has('private-network'),
    isProduction,
    wrappedSecret: createProviderSecrets(context.usherKey()).wrapSecret(id, secret),
  });
  if (added.outcome !== 'created') return added;
  return {
    outcome: 'created',
    id,
    redirect_uri: callbackOf(own, id),
    post_logout_redirect_uri: signedOutOf(own, id),
    backchannel_logout_uri: backchannelOf(own, id),
  };
}

/** A secret on the command line would be in the shell's history and in the list of processes. */
function readSecret(file: string): string {
  const secret = readText(file).trim();
  if (secret === '' || secret.length > 4_000)
    throw new CommandError(`${file} must hold the client secret and nothing else`);
  return secret;
}
