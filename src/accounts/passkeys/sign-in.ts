/**
 * Signing in with a passkey.
 *
 *   read the response -> count the attempt -> use the challenge -> find the passkey
 *   -> for this site? -> person verified? -> signature -> counter -> write down what came of it
 *
 * Attempts have counters of their own: whoever is kept out by guesses at the password can still come in.
 *
 * Source: WebAuthn Level 3 section 7.2 (verifying an authentication assertion).
 *
 * @module
 */

import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { printId } from '../../lib/ids.ts';
import { networkOf } from '../../lib/network.ts';
import type { RelyingParty } from '../../lib/relying-party.ts';
import { type Origin, recordAuditEvent } from '../../storage/audit/audit-log.ts';
import type { Database } from '../../storage/engine/database.ts';
import { type Account, findAccount } from '../../storage/people/accounts.ts';
import { giveBackAttempt } from '../../storage/people/attempt-counters.ts';
import { findPasskey, type PasskeyKey, usePasskey } from '../../storage/people/passkeys.ts';
import { limit, takeAttempt } from '../throttle.ts';
import { type Challenges, challengeSeconds } from './challenges.ts';
import { webAuthn } from './library.ts';
import { challengeOf, isForSite, readSignedResponse, signedDataOf } from './responses.ts';

/** What passkeys are checked with. */
export interface PasskeyParts {
  readonly party: RelyingParty;
  readonly challenges: Challenges;
}

/** A response as the browser sent it, and the browser. */
export interface PasskeySignIn extends PasskeyParts {
  readonly db: Database;
  /** JSON, from anybody. */
  readonly response: string;
  readonly browserId: string;
  /** Who has to prove themselves again; undefined: anybody may come. */
  readonly expectedAccountId: string | undefined;
  readonly origin: Origin;
}

/**
 * `over`: its challenge was used, is too old or another browser's. `unknown`: removed, never added
 * here, or its account is not active. `other_site`, `other_account`: made for another. `unverified`:
 * the device did not check the person. `copied`: its counter went back.
 */
export type PasskeyRefusal =
  | 'malformed'
  | 'over'
  | 'unknown'
  | 'other_site'
  | 'other_account'
  | 'unverified'
  | 'invalid'
  | 'copied';

export type PasskeySignInResult =
  | { readonly outcome: 'signed_in'; readonly account: Account }
  | { readonly outcome: 'refused'; readonly why: PasskeyRefusal }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const perNetwork = 300;

/** What the page's script hands to the browser (`PublicKeyCredentialRequestOptionsJSON`). */
export async function signInOptions(
  { party, challenges }: PasskeyParts,
  db: Database,
  browserId: string,
) {
  return webAuthn().generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(await challenges.issue(db, { purpose: 'sign-in', browserId })),
    userVerification: 'required',
    timeout: challengeSeconds * 1000,
  });
}

/** Decides whose passkey it is, and whether it proves them. Never throws at what was sent. */
export async function signInByPasskey(attempt: PasskeySignIn): Promise<PasskeySignInResult> {
  const { db, challenges, browserId, origin } = attempt;
  const attempts = limit(perNetwork, 'passkey', 'network', networkOf(origin.address ?? ''));
  const wait = await takeAttempt(db, [attempts]);
  if (wait !== undefined) return { outcome: 'throttled', retryAfterSeconds: wait };

  const response = readSignedResponse(attempt.response);
  const challenge = response && challengeOf(response.response.clientDataJSON);
  if (challenge === undefined) return refuse(attempt, 'malformed');
  if (!(await challenges.claim(db, { purpose: 'sign-in', browserId }, challenge)))
    return refuse(attempt, 'over');
  const passkey = await findPasskey(db, Buffer.from(response?.id ?? '', 'base64url'));
  const why = response && (await refusalOf(attempt, response, challenge, passkey));
  if (why !== undefined || passkey === undefined) return refuse(attempt, why ?? 'unknown', passkey);
  const account = await findAccount(db, passkey.accountId);
  if (account?.status !== 'active') return refuse(attempt, 'unknown', passkey);

  await giveBackAttempt(db, attempts.bucket);
  await recordAuditEvent(db, {
    action: 'sign_in.succeeded',
    actorAccountId: account.id,
    subject: printId('user', account.id),
    after: { by: 'passkey', passkey: passkey.id },
    origin,
  });
  return { outcome: 'signed_in', account };
}

/** Why it proves nobody; undefined when it proves the passkey's owner, and its use is written down. */
async function refusalOf(
  { db, party, expectedAccountId }: PasskeySignIn,
  response: AuthenticationResponseJSON,
  challenge: string,
  passkey: PasskeyKey | undefined,
): Promise<PasskeyRefusal | undefined> {
  const { authenticatorData, clientDataJSON, userHandle } = response.response;
  const data = signedDataOf(authenticatorData);
  if (data === undefined) return 'malformed';
  if (!isForSite(party, clientDataJSON, data.rpIdHash)) return 'other_site';
  if (passkey === undefined) return 'unknown';
  const { accountId, id, publicKey } = passkey;
  if (userHandle !== undefined && userHandle !== userHandleOf(accountId).toString('base64url'))
    return 'other_account';
  if (!data.flags.uv) return 'unverified';
  if (!(await isSigned(party, response, challenge, publicKey))) return 'invalid';
  if (expectedAccountId !== undefined && expectedAccountId !== accountId) return 'other_account';
  return (await usePasskey(db, id, data.counter)) ? undefined : 'copied';
}

/** The id by which a passkey names its account to us alone: the 16 bytes of the account's UUID. */
export function userHandleOf(accountId: string): Buffer {
  return Buffer.from(accountId.replaceAll('-', ''), 'hex');
}

async function isSigned(
  { id, origin }: RelyingParty,
  response: AuthenticationResponseJSON,
  expectedChallenge: string,
  publicKey: Buffer,
): Promise<boolean> {
  try {
    const { verified } = await webAuthn().verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      // The counter is compared where it is written, so that of two at once one is refused.
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return verified;
  } catch {
    return false; // the library throws at whatever does not hold
  }
}

async function refuse(
  { db, origin }: PasskeySignIn,
  why: PasskeyRefusal,
  passkey?: PasskeyKey,
): Promise<PasskeySignInResult> {
  await recordAuditEvent(db, {
    action: 'sign_in.refused',
    outcome: 'refused',
    // Whoever did not prove it may be anybody: the account is what it was about, not who acted.
    subject: passkey && printId('user', passkey.accountId),
    after: { by: 'passkey', why, ...(passkey === undefined ? {} : { passkey: passkey.id }) },
    origin,
  });
  return { outcome: 'refused', why };
}
