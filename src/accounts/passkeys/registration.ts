/**
 * Adding a passkey to an account whose owner is signed in or has a set-up link, and naming it.
 *
 *   read the response -> use the challenge -> verify -> hold the account -> add, audit
 *
 * Source: WebAuthn Level 3 section 7.1 (registering a new credential).
 *
 * @module
 */

import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { brand } from '../../catalogue/catalogue.ts';
import { personNameFault, storedName } from '../../clients/name-rule.ts';
import { newId, printId } from '../../lib/ids.ts';
import type { RelyingParty } from '../../lib/relying-party.ts';
import { type Origin, recordAuditEvent } from '../../storage/audit/audit-log.ts';
import type { Db, Work } from '../../storage/engine/database.ts';
import type { Account } from '../../storage/people/accounts.ts';
import { insertPasskey, listPasskeys, renamePasskey } from '../../storage/people/passkeys.ts';
import { holdWaysIn } from '../../storage/people/ways-in.ts';
import { challengeSeconds } from './challenges.ts';
import { webAuthn } from './library.ts';
import { challengeOf, isForSite, madeDataOf, readMadeResponse } from './responses.ts';
import { type PasskeyParts, type PasskeyRefusal, userHandleOf } from './sign-in.ts';

/** More are not a person's. */
const passkeysPerAccount = 20;
const longestName = 100;
/** COSE: EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257] as const;

/** What the page's script hands to the browser (`PublicKeyCredentialCreationOptionsJSON`). */
export async function registrationOptions(
  { party, challenges }: PasskeyParts,
  db: Db,
  { account, browserId }: { account: Pick<Account, 'id' | 'email' | 'name'>; browserId: string },
) {
  const binding = { purpose: 'registration', browserId, accountId: account.id } as const;
  const known = await listPasskeys(db, account.id);
  return webAuthn().generateRegistrationOptions({
    rpID: party.id,
    rpName: brand.name,
    userID: new Uint8Array(userHandleOf(account.id)),
    userName: account.email,
    userDisplayName: account.name,
    challenge: new Uint8Array(await challenges.issue(db, binding)),
    timeout: challengeSeconds * 1000,
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({
      id: credentialId.toString('base64url'),
    })),
    supportedAlgorithmIDs: [...algorithms],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** A new passkey as the browser sent it. */
export interface NewPasskeyWish extends PasskeyParts {
  readonly work: Work;
  readonly accountId: string;
  readonly browserId: string;
  /** JSON, from anybody. */
  readonly response: string;
  readonly name: string;
  readonly origin: Origin;
}

/** `known`: it is there already. `too_many`: the account has all that it may have. */
export type RegistrationRefusal =
  | Extract<PasskeyRefusal, 'malformed' | 'over' | 'other_site' | 'unverified' | 'invalid'>
  | 'bad_name'
  | 'known'
  | 'too_many';

/** Adds the passkey. @returns why not; undefined when it was added. */
export async function addPasskey(wish: NewPasskeyWish): Promise<RegistrationRefusal | undefined> {
  const verified = await verifyNewPasskey(wish);
  if (typeof verified === 'string') return verified;
  return wish.work.run((tx) => keepPasskey(tx, wish, verified));
}

/** Uses the challenge, and looks at what was signed. @returns the passkey, or why it is none. */
export async function verifyNewPasskey(
  wish: NewPasskeyWish,
): Promise<VerifiedPasskey | RegistrationRefusal> {
  const { work, party, challenges, accountId, browserId } = wish;
  const name = storedName(wish.name, longestName);
  if (personNameFault(name, longestName) !== undefined) return 'bad_name';
  const response = readMadeResponse(wish.response);
  const challenge = response && challengeOf(response.response.clientDataJSON);
  if (response === undefined || challenge === undefined) return 'malformed';
  const binding = { purpose: 'registration', browserId, accountId } as const;
  if (!(await challenges.claim(work.plain, binding, challenge))) return 'over';
  const credential = await verify(party, response, challenge);
  return typeof credential === 'string' ? credential : { name, credential };
}

/** A passkey that was verified, and is not kept yet. */
export interface VerifiedPasskey {
  readonly name: string;
  readonly credential: Credential;
}

/** What is kept of a credential. */
interface Credential {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
}

async function verify(
  party: RelyingParty,
  response: RegistrationResponseJSON,
  expectedChallenge: string,
): Promise<Credential | RegistrationRefusal> {
  try {
    const { registrationInfo } = await webAuthn().verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithms],
    });
    if (registrationInfo === undefined) return 'invalid';
    const { id, publicKey, counter } = registrationInfo.credential;
    return { id, publicKey, counter, transports: response.response.transports ?? [] };
  } catch {
    return faultOf(party, response); // the library throws at whatever does not hold
  }
}

/** Says in our words why the library did not take it. */
function faultOf(party: RelyingParty, { response }: RegistrationResponseJSON): RegistrationRefusal {
  const data = madeDataOf(response.attestationObject);
  if (data === undefined) return 'malformed';
  if (!isForSite(party, response.clientDataJSON, data.rpIdHash)) return 'other_site';
  return data.flags.uv ? 'invalid' : 'unverified';
}

/** Adds a verified passkey. @returns why not; nothing is written then. */
export async function keepPasskey(
  tx: Db,
  { accountId, party, origin }: Pick<NewPasskeyWish, 'accountId' | 'party' | 'origin'>,
  { name, credential: { id: credentialId, ...credential } }: VerifiedPasskey,
): Promise<Extract<RegistrationRefusal, 'invalid' | 'known' | 'too_many'> | undefined> {
  const ways = await holdWaysIn(tx, accountId, party.id);
  if (ways === undefined) return 'invalid';
  if ((await listPasskeys(tx, accountId)).length >= passkeysPerAccount) return 'too_many';
  const id = newId();
  const isNew = await insertPasskey(tx, {
    ...credential,
    id,
    accountId,
    name,
    credentialId: Buffer.from(credentialId, 'base64url'),
    relyingParty: party.id,
  });
  if (!isNew) return 'known';
  await recordAuditEvent(tx, {
    action: 'passkey.added',
    actorAccountId: accountId,
    subject: printId('user', accountId),
    after: { passkey: id, name },
    origin,
  });
  return undefined;
}

/** Gives a passkey another name. @returns why not; undefined when it has it. */
export async function changePasskeyName(
  work: Work,
  wish: { accountId: string; id: string; name: string; origin: Origin },
): Promise<'bad_name' | 'gone' | undefined> {
  const { accountId, id, origin } = wish;
  const name = storedName(wish.name, longestName);
  if (personNameFault(name, longestName) !== undefined) return 'bad_name';
  return work.run(async (tx) => {
    if (!(await renamePasskey(tx, { accountId, id, name }))) return 'gone';
    await recordAuditEvent(tx, {
      action: 'passkey.renamed',
      actorAccountId: accountId,
      subject: printId('user', accountId),
      after: { passkey: id, name },
      origin,
    });
    return undefined;
  });
}
