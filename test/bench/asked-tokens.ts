/**
 * The tokens that are asked about: in clear, with a resource that each may use.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { randomSecret, secretPrefixes } from '../../src/lib/secrets.ts';

/** Ten tokens a member, a hundred members an organization: fill.ts makes it so. */
export const tokensPerMember = 10;
export const membersPerOrganization = 100;

/** An access token and a development branch of its member's organization. */
export interface AskedToken {
  readonly token: string;
  /** Its place among all tokens; access tokens are the even ones. */
  readonly number: number;
  /** The printed id. */
  readonly branch: string;
}

/** How many are in use at a time: the same number at every size that is compared. */
const most = 5_000;

/** @returns new tokens, spread evenly over that many stored ones. */
export function askedTokens(stored: number): AskedToken[] {
  const accessTokens = Math.ceil(stored / 2);
  const count = Math.min(accessTokens, most);
  return Array.from({ length: count }, (_, index) => {
    const number = 2 * Math.floor((index * accessTokens) / count);
    const branch = branchOf(Math.floor(number / tokensPerMember));
    return { token: randomSecret(secretPrefixes.accessToken), number, branch };
  });
}

/** The staging branch of one of the three databases of a member's organization. */
function branchOf(member: number): string {
  const database = 3 * Math.floor(member / membersPerOrganization) + (member % 3);
  return printedBranch(`br ${3 * database + 1}`);
}

/** The printed id of a branch whose id is the digest of that name. */
export function printedBranch(name: string): string {
  return `br_${createHash('md5').update(name).digest('hex')}`;
}
