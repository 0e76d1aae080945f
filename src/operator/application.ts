/**
 * `application ...`: the applications that ask for tokens.
 *
 * @module
 */

import { changeSettings, listSettings } from '../applications/client-settings.ts';
import { reinstateApplication, suspendApplication } from '../applications/suspend.ts';
import { actorOf } from './acting.ts';
import type { Context, Given, Subject } from './command.ts';

export const application: Subject = {
  summary: 'The applications that ask for tokens.',
  commands: {
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
    set: {
      summary: 'change settings of one application, named in clients/client-settings.ts',
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

async function set(context: Context, given: Given) {
  const [clientId = '', ...settings] = given.words;
  return changeSettings(context.database, await actorOf(context, given), clientId, settings);
}

async function change(context: Context, given: Given, act: typeof suspendApplication) {
  const [clientId = ''] = given.words;
  return act(context.database, await actorOf(context, given), clientId);
}
