/**
 * People whom the lines of a batch call by the platform's own id of them: the `subject` with which they sign
 * in. A subject that nobody has yet is bound to the account of the line's address; from then on it alone says
 * who is meant.
 *
 * Who issues subjects, and what binding one does to an account, the caller brings along.
 *
 * @module
 */

import type { Db } from '../storage/engine/database.ts';
import type { ExternalIdentity } from '../storage/people/external-identities.ts';
import { findSyncedIdentities, type SyncedMember } from '../storage/tree/sync-rows.ts';
import { type FieldFault, invalid } from './refusals.ts';
import type { SubjectOf, SyncLine } from './sync-lines.ts';

/** Whose subjects these are. */
export interface SubjectIssuer {
  readonly issuer: string;
  /** Whether it may say whose an address is: then the address of an account that is made is proven. */
  provesAddress(email: string): boolean;
}

/** A subject that is to be an account's, with what the platform says of the person. */
interface Binding extends ExternalIdentity {
  readonly accountId: string;
  readonly email: string;
  readonly name: string | undefined;
}

/** What is known of subjects outside organizations. */
export interface SubjectRules {
  /** @param provider as the line names it. @returns what is wrong with the name, where it is. */
  issuerOf(tx: Db, provider: string | undefined): Promise<SubjectIssuer | FieldFault>;
  /** Whether the client may say who signs in as whom. */
  mayBind(tx: Db): Promise<boolean>;
  /** Binds the account of the address, which there is. @returns why it did not. */
  bind(tx: Db, issuer: SubjectIssuer, binding: Binding): Promise<FieldFault | undefined>;
}

/** The subjects of one batch. */
export interface Subjects {
  readonly rules: SubjectRules | undefined;
  readonly mayBind: boolean;
  /** By the provider's name in the line. */
  readonly issuers: ReadonlyMap<string | undefined, SubjectIssuer | FieldFault>;
  /** Those whose account has them already, by `subjectKey`. */
  readonly known: readonly (readonly [string, SyncedMember])[];
}

/** What is said of a subject, of a client that was not given the power. */
export const mayNotBind: FieldFault = {
  field: 'subject',
  message: 'must not be given: this service client was added without --sign-in',
};

const noIssuer: FieldFault = {
  field: 'subject',
  message: 'must not be given here: there is no identity provider, and no SIGN_IN_URL',
};

/** Reads whose subjects the lines name, and who has them. */
export async function readSubjects(
  tx: Db,
  organizationId: string,
  rules: SubjectRules | undefined,
  lines: readonly SyncLine[],
): Promise<Subjects> {
  const named = lines.flatMap((line) => ('who' in line && 'subject' in line.who ? [line.who] : []));
  if (named.length === 0) return { rules, mayBind: false, issuers: new Map(), known: [] };
  const issuers = new Map<string | undefined, SubjectIssuer | FieldFault>();
  for (const { provider } of named) {
    if (issuers.has(provider)) continue;
    issuers.set(provider, (await rules?.issuerOf(tx, provider)) ?? noIssuer);
  }
  const identities = named.flatMap(({ provider, subject }) => {
    const found = issuers.get(provider);
    return found !== undefined && 'issuer' in found ? [{ issuer: found.issuer, subject }] : [];
  });
  const members = await findSyncedIdentities(tx, organizationId, identities);
  return {
    rules,
    mayBind: (await rules?.mayBind(tx)) === true,
    issuers,
    known: members.map(({ issuer, subject, ...one }) => [keyOfIdentity({ issuer, subject }), one]),
  };
}

/**
 * @returns whose subject a line names.
 * @throws {RefusedError} `invalid`: the provider that it names is none.
 */
export function issuerOf({ issuers }: Subjects, { provider }: SubjectOf): SubjectIssuer {
  const found = issuers.get(provider) ?? noIssuer;
  if ('issuer' in found) return found;
  throw invalid(found);
}

/** The key of a subject among the people of a batch. */
export function subjectKey(subjects: Subjects, who: SubjectOf): string {
  const { issuer } = issuerOf(subjects, who);
  return keyOfIdentity({ issuer, subject: who.subject });
}

function keyOfIdentity({ issuer, subject }: ExternalIdentity): string {
  return JSON.stringify([issuer, subject]);
}

/** An account that a line makes. */
export interface AddedAccount {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly isProven: boolean;
}
