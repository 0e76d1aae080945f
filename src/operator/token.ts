/**
 * `token ...`: one token that somebody has before them, from a log or a report of a leak.
 *
 * @module
 */

import { asOperator } from '../applications/as-operator.ts';
import { printId } from '../lib/ids.ts';
import { hasValidChecksum, sha256 } from '../lib/secrets.ts';
import { type InspectedToken, inspectToken } from '../storage/facts/token-inspection.ts';
import { deleteServiceToken } from '../storage/tokens/service-tokens.ts';
import { deleteGrant } from '../storage/tokens/tokens.ts';
import { actorOf } from './acting.ts';
import type { Context, Given, Result, Subject } from './command.ts';
import { fromFile, readSecretWord } from './secret-input.ts';

export const token: Subject = {
  summary: 'One token: whether it works, and if not, why.',
  commands: {
    inspect: {
      summary: 'say whose token it is, whether it works, and why not; reads it from the input',
      words: ['[TOKEN]'],
      options: fromFile,
      byOperator: true,
      example: 'token inspect --file token.txt',
      run: inspect,
    },
    revoke: {
      summary:
        'end a token, and all others of the same sign-in to the application; reads it from the input',
      words: ['[TOKEN]'],
      options: fromFile,
      byOperator: true,
      example: 'token revoke --file token.txt',
      run: revoke,
    },
  },
};

const kinds: Readonly<Record<InspectedToken['kind'], string>> = {
  AccessToken: 'access token',
  RefreshToken: 'refresh token',
  AuthorizationCode: 'authorization code',
  ClientCredentials: 'service token',
};

/** Why a token that is not stored does not work. */
const absence = {
  malformed: 'This is not a whole token: part of it is missing or was changed.',
  not_stored:
    'No such token is stored: it was revoked, its grant ended, it expired some time ago, or it is not from here.',
} as const;

async function inspect(context: Context, given: Given): Promise<Result> {
  const actor = await actorOf(context, given);
  const text = await readSecretWord(context, given);
  const act = { action: 'token.inspected' };
  return asOperator<Result>(context.database, actor, act, async (tx) => {
    if (!hasValidChecksum(text)) return unknown('malformed');
    const found = await inspectToken(tx, sha256(text));
    return found === undefined ? unknown('not_stored') : { outcome: 'listed', ...described(found) };
  });
}

function unknown(reason: keyof typeof absence): Result {
  return { outcome: 'listed', works: 'no', reason, note: absence[reason] };
}

function described(found: InspectedToken) {
  const { accountId, cause } = found;
  return {
    works: cause === undefined ? 'yes' : 'no',
    reason: cause,
    kind: kinds[found.kind],
    client_id: found.clientId,
    application: found.clientName,
    account: accountId && printId('user', accountId),
    email: found.email,
    scope: found.scope,
    issued_at: found.issuedAt,
    expires_at: found.expiresAt,
    spent_at: found.spentAt,
  };
}

/** As the revocation endpoint does it: with the grant that it was issued under. */
async function revoke(context: Context, given: Given): Promise<Result> {
  const actor = await actorOf(context, given);
  const id = sha256(await readSecretWord(context, given));
  const act = { action: 'token.revoked' };
  return asOperator<Result>(context.database, actor, act, async (tx, record) => {
    const found = await inspectToken(tx, id);
    if (found === undefined) return { outcome: 'unknown_token' };
    const { grantId, clientId, accountId } = found;
    if (grantId === undefined) await deleteServiceToken(tx, id);
    else await deleteGrant(tx, grantId);
    const kind = kinds[found.kind];
    const account = accountId && printId('user', accountId);
    await record({ subject: clientId, before: { kind, account } });
    return { outcome: 'deleted', kind, client_id: clientId, account };
  });
}
