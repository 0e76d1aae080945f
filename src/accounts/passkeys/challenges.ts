/**
 * Challenges that a passkey signs: each is for one browser, one purpose and one account, is used once,
 * and is over after five minutes by the database's clock.
 *
 * A challenge proves itself by a keyed digest, so that showing a page writes nothing; only one that
 * comes back signed is written down, before its signature is looked at.
 *
 * Source: WebAuthn Level 3 section 13.4.3 (cryptographic challenges).
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/secrets.ts';
import type { Db } from '../../storage/engine/database.ts';
import { claimChallenge, databaseSeconds } from '../../storage/people/passkeys.ts';

/** How long a challenge may be signed. */
export const challengeSeconds = 5 * 60;

/** What a challenge is good for. */
interface ChallengeBinding {
  readonly purpose: 'sign-in' | 'registration';
  /** The browser's id, see lib/browser-identity.ts. */
  readonly browserId: string;
  /** Whose passkey is made; left out at sign-in, where nobody is known yet. */
  readonly accountId?: string;
}

/** Makes challenges and takes them back, once each. */
export interface Challenges {
  issue(db: Db, binding: ChallengeBinding): Promise<Buffer>;
  /**
   * Uses a challenge. @param signed in base64url, as the browser returns it.
   *
   * @returns false when it was not made for this, is over, or was used before.
   */
  claim(db: Db, binding: ChallengeBinding, signed: string): Promise<boolean>;
}

const randomLength = 16;
const expiryLength = 4;
const headLength = randomLength + expiryLength;

/** @param key 32 random bytes that all nodes share. */
export function createChallenges(key: Buffer): Challenges {
  const sealOf = (head: Buffer, { purpose, browserId, accountId = '' }: ChallengeBinding) => {
    const bound = ['passkey', head.toString('base64url'), purpose, browserId, accountId];
    return createHmac('sha256', key).update(JSON.stringify(bound)).digest();
  };
  return {
    async issue(db, binding) {
      const expiry = Buffer.alloc(expiryLength);
      expiry.writeUInt32BE((await databaseSeconds(db)) + challengeSeconds);
      const head = Buffer.concat([randomBytes(randomLength), expiry]);
      return Buffer.concat([head, sealOf(head, binding)]);
    },
    async claim(db, binding, signed) {
      const challenge = Buffer.from(signed, 'base64url');
      if (challenge.length !== headLength + 32) return false;
      const head = challenge.subarray(0, headLength);
      if (!timingSafeEqual(challenge.subarray(headLength), sealOf(head, binding))) return false;
      return claimChallenge(db, sha256(challenge), head.readUInt32BE(randomLength));
    },
  };
}
