/**
 * `application ...`: the applications that ask for tokens.
 *
 * @module
 */

import { changeSettings, listSettings } from '../applications/client-settings.ts';
import { createApplication } from '../applications/create-application.ts';
import { reinstateApplication, suspendApplication } from '../applications/suspend.ts';
import { unverifyApplication, verifyApplication } from '../applications/verify.ts';
import { expandForRegistration } from '../catalogue/expand-scope.ts';
import { oidcScopes, scopeNames } from '../catalogue/scopes.ts';
import { actorOf } from './acting.ts';
import { listCommand, organizationOption, ownerOf, removeCommand } from './clients.ts';
import {
  CommandError,
  type Context,
  exitCodes,
  type Given,
  type Result,
  type Subject,
} from './command.ts';

const exampleId = 'app_0123456789abcdef0123456789abcdef';

export const application: Subject = {
  summary: 'The applications that ask for tokens.',
  commands: {
    add: {
      summary: 'register an application; prints its id and, this once, its secret',
      words: ['NAME'],
      options: {
        'redirect-uri': {
          value: 'URI',
          multiple: true,
          help: 'where browsers are sent back to, compared exactly (required)',
        },
        'post-logout-redirect-uri': {
          value: 'URI',
          multiple: true,
          help: 'where browsers may be sent after signing out, compared exactly',
        },
        scope: { value: 'SCOPES', help: 'the most it may ask for; without it the whole catalogue' },
        'required-scope': {
          value: 'SCOPES',
          help: 'the part of it that users cannot leave out; without it they can leave out any',
        },
        public: { help: 'it cannot keep a secret: runs in a browser or on a device' },
        native: { help: 'it is installed on a device (RFC 8252)' },
        ...organizationOption,
      },
      byOperator: true,
      example: 'application add "Shop" --redirect-uri https://shop.example/callback',
      run: add,
    },
    list: listCommand('application', 'application', 'applications'),
    remove: removeCommand('application', 'application', exampleId),
    suspend: {
      summary: 'suspend a client: it gets no tokens, and those it has stop working at once',
      words: ['CLIENT_ID'],
      byOperator: true,
      example: 'application suspend app_0123456789abcdef0123456789abcdef',
      run: (context, given) => change(context, given, suspendApplication),
    },
    reinstate: {
      summary: 'end the suspension; tokens that are not over work again',
      words: ['CLIENT_ID'],
      byOperator: true,
      example: 'application reinstate app_0123456789abcdef0123456789abcdef',
      run: (context, given) => change(context, given, reinstateApplication),
    },
    verify: {
      summary: 'vouch for an application: people see no warning, until it changes what they see',
      words: ['CLIENT_ID'],
      byOperator: true,
      example: 'application verify app_0123456789abcdef0123456789abcdef',
      run: (context, given) => change(context, given, verifyApplication),
    },
    unverify: {
      summary: 'take that back, from the next request on',
      words: ['CLIENT_ID'],
      byOperator: true,
      example: 'application unverify app_0123456789abcdef0123456789abcdef',
      run: (context, given) => change(context, given, unverifyApplication),
    },
    set: {
      summary:
        'change settings of one application, named in clients/client-settings.ts; post_logout_redirect_uris takes addresses and required_scope takes scopes, with spaces between',
      words: ['CLIENT_ID', 'NAME=VALUE...'],
      byOperator: true,
      example: 'application set app_0123456789abcdef0123456789abcdef pkce=optional',
      run: set,
    },
    settings: {
      summary: 'list the applications that have settings of their own, with warnings',
      words: [],
      byOperator: false,
      example: 'application settings --json',
      run: async ({ database }) => ({
        outcome: 'listed',
        applications: await listSettings(database),
      }),
    },
  },
};

/** A registered scope is the most that this application may ask for, and gives nothing by itself. */
const wholeCatalogue = [...oidcScopes, ...scopeNames].join(' ');

/** A registration drops a name that the catalogue does not have; whoever types one meant another. */
function checkScope(scope: string | undefined): void {
  const words = scope?.split(' ').filter((word) => word !== '') ?? [];
  const unknown = words.filter((word) => expandForRegistration(word) === '');
  if (unknown.length === 0) return;
  const names = unknown.join(', ');
  throw new CommandError(`The catalogue has no scope ${names} (refused)`, exitCodes.refused);
}

async function add(context: Context, given: Given): Promise<Result> {
  const [name = ''] = given.words;
  const { database, production } = context;
  checkScope(given.text('scope'));
  checkScope(given.text('required-scope'));
  const metadata = {
    client_name: name,
    redirect_uris: given.texts('redirect-uri'),
    post_logout_redirect_uris: given.texts('post-logout-redirect-uri'),
    scope: given.text('scope') ?? wholeCatalogue,
    required_scope: given.text('required-scope'),
    application_type: given.has('native') ? 'native' : 'web',
    token_endpoint_auth_method: given.has('public') ? 'none' : 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
  };
  const organizationId = await ownerOf(context, given);
  const wanted = { metadata, production, organizationId };
  const made = await createApplication(database, await actorOf(context, given), wanted);
  if (made.outcome !== 'created') return made;
  const { id, redirectUris } = made.client;
  return {
    outcome: 'created',
    client_id: id,
    client_secret: made.secret,
    name: made.client.name,
    redirect_uris: redirectUris,
    ...(given.text('scope') === undefined ? {} : { scope: made.client.scope }),
    ...(made.client.requiredScope && { required_scope: made.client.requiredScope }),
  };
}

async function set(context: Context, given: Given) {
  const [clientId = '', ...settings] = given.words;
  const { database, production } = context;
  const actor = await actorOf(context, given);
  return changeSettings(database, actor, { clientId, written: settings, production });
}

type Change = typeof suspendApplication | typeof verifyApplication;

async function change(context: Context, given: Given, act: Change): Promise<Result> {
  const [clientId = ''] = given.words;
  return act(context.database, await actorOf(context, given), clientId);
}
