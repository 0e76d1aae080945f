/**
 * `grants ...`: what applications were allowed, device by device.
 *
 * @module
 */

import type { Context, Given, Result, Subject } from './command.ts';
import { beforeOption, endAll, timeOf } from './ending.ts';

export const grants: Subject = {
  summary: 'Grants: what applications were allowed, device by device.',
  commands: {
    revoke: {
      summary: 'revoke every grant made before a time, with all tokens; for after a restore',
      words: [],
      options: {
        ...beforeOption,
        consents: { help: 'end the consents, too: everybody is asked again' },
      },
      byOperator: true,
      example: 'grants revoke --before 2026-11-28T20:00:00Z --consents',
      run: revoke,
    },
  },
};

async function revoke(context: Context, given: Given): Promise<Result> {
  const before = await timeOf(context, given);
  const action = 'grants.revoked';
  const all = { action, before };
  const consents = given.has('consents')
    ? await endAll(context, given, { ...all, action: 'consents.ended', kind: 'consents' })
    : 0;
  const revoked = await endAll(context, given, { ...all, kind: 'grants' });
  const serviceTokens = await endAll(context, given, { ...all, kind: 'service_tokens' });
  if (consents === undefined || revoked === undefined || serviceTokens === undefined) {
    return { outcome: 'not_allowed' };
  }
  const total = consents + revoked + serviceTokens;
  return {
    outcome: total === 0 ? 'unchanged' : 'changed',
    before,
    consents,
    grants: revoked,
    service_tokens: serviceTokens,
  };
}
