/**
 * `document ...`: applications that are known by the address of their metadata document.
 *
 * @module
 */

import {
  type HostRule,
  listHosts,
  pinDocument,
  releaseDocument,
  ruleHost,
} from '../applications/documents/operate-documents.ts';
import { actorOf } from './acting.ts';
import type { Command, Context, Given, Result, Subject } from './command.ts';
import { readText } from './secret-input.ts';

const exampleAddress = 'https://claude.ai/oauth/client-metadata.json';

export const document: Subject = {
  summary: 'Applications that are known by the address of their metadata document.',
  commands: {
    allow: hostCommand('allowed', 'allow', 'take documents of a host and of all below it'),
    block: hostCommand('blocked', 'block', 'take none of a host, and suspend its applications'),
    forget: hostCommand('forgotten', 'forget', 'neither allow nor block a host any more'),
    hosts: {
      summary: 'list the hosts that are allowed or blocked',
      words: [],
      byOperator: false,
      example: 'document hosts --json',
      run: async ({ database }) => ({ outcome: 'listed', hosts: await listHosts(database) }),
    },
    pin: {
      summary: 'take a document from a file, and never fetch it',
      words: ['CLIENT_ID', 'FILE'],
      byOperator: true,
      example: `document pin ${exampleAddress} claude.json`,
      run: pin,
    },
    unpin: {
      summary: 'fetch a document again that was taken from a file',
      words: ['CLIENT_ID'],
      byOperator: true,
      example: `document unpin ${exampleAddress}`,
      run: async (context, given) => {
        const [clientId = ''] = given.words;
        return releaseDocument(context.database, await actorOf(context, given), clientId);
      },
    },
  },
};

function hostCommand(rule: HostRule, verb: string, summary: string): Command {
  return {
    summary,
    words: ['HOST'],
    byOperator: true,
    example: `document ${verb} claude.ai`,
    run: async (context, given) => {
      const [host = ''] = given.words;
      return ruleHost(context.database, await actorOf(context, given), { host, rule });
    },
  };
}

async function pin(context: Context, given: Given): Promise<Result> {
  const [clientId = '', file = ''] = given.words;
  const text = readText(file);
  const { database, production } = context;
  return pinDocument(database, await actorOf(context, given), { clientId, text, production });
}
