/**
 * The platform's service client says who is at the browser that began a hand-off.
 *
 * A service client that may do that can be anybody here: an operator gives it that power, by name, and
 * each use of it is recorded in the audit trail.
 *
 * @module
 */

import type { SaidElsewhere } from '../accounts/authentication.ts';
import { wasMadeMeanwhile } from '../accounts/external-sign-in.ts';
import {
  accountVouchedFor,
  type Vouched,
  type VouchedAccount,
  type VouchedRefusal,
} from '../accounts/vouched-account.ts';
import { printId } from '../lib/ids.ts';
import type { Actor } from '../organizations/actor.ts';
import { audited } from '../organizations/audited.ts';
import { conflict, forbidden, invalid, notFound } from '../organizations/refusals.ts';
import { hasServicePower } from '../storage/clients/service-clients.ts';
import type { Db, Work } from '../storage/engine/database.ts';
import { answerHandOff, takeHandOff } from './hand-offs.ts';

/** Whom the platform names. */
export interface HandOffWish extends Omit<Vouched, 'identity'>, SaidElsewhere {
  /** The platform's own id of the person. */
  readonly subject?: string | undefined;
  /** Whether the person has just proven who they are once more. */
  readonly isFresh: boolean;
}

/**
 * @returns the address to send the browser back to, once.
 * @throws {RefusedError} `not_found`: the challenge is unknown, used or over; `forbidden` service_power;
 *   `conflict` fresh_sign_in_needed; `invalid` nobody can be found by what was said. The challenge stays
 *   good in all of these.
 */
export async function nameHandOff(
  work: Work,
  actor: Actor,
  challenge: string,
  wish: HandOffWish,
): Promise<{ readonly redirectTo: string }> {
  const { via } = actor;
  if (via.kind !== 'service') throw notFound();
  const name = () =>
    audited(work, actor, { action: 'sign_in.vouched', subject: via.clientId }, async (tx) => {
      if (!(await hasServicePower(tx, via.clientId, 'sign-in'))) throw forbidden('service_power');
      return nameInside(tx, actor, challenge, wish);
    });
  return name().catch((error) => {
    if (!wasMadeMeanwhile(error)) throw error;
    return name();
  });
}

const nowhere = { address: undefined, userAgent: undefined };

async function nameInside(
  tx: Db,
  { origin = nowhere }: Actor,
  challenge: string,
  { subject, isFresh, amr, acr, ...who }: HandOffWish,
) {
  const taken = await takeHandOff(tx, challenge);
  if (taken === undefined) throw notFound();
  const { begun, browser } = taken;
  if (begun.isFresh && !isFresh) throw conflict('fresh_sign_in_needed');
  const identity = subject === undefined ? undefined : { issuer: begun.platform, subject };
  const vouched = await accountVouchedFor(tx, { ...who, identity }, origin);
  if (vouched.outcome === 'refused') throw invalid(faultOf(vouched.why, who));
  const account = accountOf(vouched);
  const answer = await answerHandOff(tx, browser, { ...begun, account, amr, acr });
  return {
    result: { redirectTo: `${begun.finish}?answer=${answer}` },
    ...(account && { subject: printId('user', account.id) }),
    after: { platform: begun.platform, active: account !== undefined },
  };
}

function accountOf(vouched: Exclude<VouchedAccount, { outcome: 'refused' }>) {
  if (vouched.outcome === 'not_active') return undefined;
  const { id, signInEpoch } = vouched.account;
  return { id, signInEpoch };
}

function faultOf(why: VouchedRefusal, { accountId }: Pick<Vouched, 'accountId'>) {
  if (why === 'unknown')
    return { field: accountId === undefined ? 'email' : 'account', message: 'must be an account' };
  if (why === 'no_address')
    return { field: 'email', message: 'must be given the first time that a subject is named' };
  return { field: 'email', message: 'must not be that of another subject’s account' };
}
