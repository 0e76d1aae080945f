/**
 * The first steps of a new installation in the browser: the code that its terminal shows names the first
 * operator, who then sets up a way in and makes the first organization.
 *
 *     count the attempt -> compare the code -> still nobody named? account, operator, link: all or nothing
 *
 * The code lives as long as the process, and serves until an operator is named; none is ever again.
 *
 * Source: OWASP ASVS 5 sections 6.3.1 (guessing) and 6.4.1 (initial secrets).
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { personNameFault, storedName } from '../clients/name-rule.ts';
import { normalizeEmail } from '../lib/email-address.ts';
import { newId, printId } from '../lib/ids.ts';
import { equal, sha256 } from '../lib/secrets.ts';
import { type Origin, recordAuditEvent } from '../storage/audit/audit-log.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import { findAccountWithPassword, insertAccount } from '../storage/people/accounts.ts';
import {
  addOperator,
  holdFirstOperator,
  isOperator,
  wasNoOperatorNamed,
} from '../storage/people/operators.ts';
import { hasOrganizations } from '../storage/tree/organizations.ts';
import { issueSetUpLink } from './set-up.ts';
import { limit, takeAttempt } from './throttle.ts';

/** 32 characters that nobody takes for one another, five bits each. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** @returns a new code of 60 bits, in three groups to be read and typed. */
export function newSetUpCode(): string {
  const characters = Array.from(randomBytes(12), (byte) => alphabet.charAt(byte % 32)).join('');
  return characters.replace(/(.{4})(?=.)/g, '$1-');
}

/** However it was typed: case, spaces and hyphens do not count. */
function bareCode(typed: string): string {
  return typed.replace(/[\s-]/g, '').toUpperCase();
}

/** The page of a step that the account, or a stranger, has to take; undefined when there is none. */
export type StepOf = (accountId: string | undefined) => Promise<string | undefined>;

/** @param isOffered whether there is a code; otherwise nothing is asked of the database. */
export function stepReader(db: Db, isOffered: boolean): StepOf {
  return async (accountId) => {
    if (!isOffered) return undefined;
    if (await wasNoOperatorNamed(db)) return '/set-up';
    const isTheirs = accountId !== undefined && (await isOperator(db, accountId));
    return isTheirs && !(await hasOrganizations(db)) ? '/set-up/organization' : undefined;
  };
}

/** What somebody has sent who wants to be the first operator. */
interface FirstStep {
  readonly db: Database;
  /** The code of this process. */
  readonly setUpCode: string;
  readonly typed: {
    readonly code: string;
    readonly email: string;
    readonly name: string;
  };
  readonly origin: Origin;
}

/** What is wrong with what was typed, each by its field. */
export type FirstStepFault = 'code' | 'email' | 'name' | 'email_taken';

/** What came of it; `token` is that of the link with which the account is set up. */
export type FirstStepResult =
  | { readonly outcome: 'named'; readonly token: string }
  | { readonly outcome: 'refused'; readonly why: FirstStepFault }
  | { readonly outcome: 'over' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number };

const attemptsPerCode = 10;
const longestName = 100;

/** Makes an account the first operator's, for whoever has the code. */
export async function nameFirstOperator(step: FirstStep): Promise<FirstStepResult> {
  const { db, setUpCode, typed } = step;
  if (!(await wasNoOperatorNamed(db))) return { outcome: 'over' };
  const code = bareCode(setUpCode);
  const limits = [limit(attemptsPerCode, 'set-up-code', sha256(code).toString('hex'))];
  const retryAfterSeconds = await takeAttempt(db, limits);
  if (retryAfterSeconds !== undefined) return { outcome: 'throttled', retryAfterSeconds };
  if (!equal(bareCode(typed.code), code)) return { outcome: 'refused', why: 'code' };
  const email = normalizeEmail(typed.email);
  if (email === undefined) return { outcome: 'refused', why: 'email' };
  const name = storedName(typed.name, longestName);
  if (personNameFault(name, longestName) !== undefined) return { outcome: 'refused', why: 'name' };
  return db.run((tx) => storeFirst(tx, { email, name, origin: step.origin }));
}

/** An account that is there may be anybody's who came before, so the page makes none of them an operator's. */
async function storeFirst(
  tx: Db,
  { email, name, origin }: { email: string; name: string; origin: Origin },
): Promise<FirstStepResult> {
  if (!(await holdFirstOperator(tx))) return { outcome: 'over' };
  if (await findAccountWithPassword(tx, { email }))
    return { outcome: 'refused', why: 'email_taken' };
  const id = newId();
  const unproven = { passwordHash: undefined, emailVerifiedAt: undefined };
  await insertAccount(tx, { id, email, name, ...unproven });
  await addOperator(tx, id);
  await recordAuditEvent(tx, {
    action: 'operator.added',
    subject: printId('user', id),
    after: { account: 'made', by: 'set-up code' },
    origin,
  });
  const link = await issueSetUpLink(tx, id);
  if (link === undefined) throw new Error('a new account got no link to set it up');
  return { outcome: 'named', token: link.token };
}
