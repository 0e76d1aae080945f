/**
 * Access evaluations: many questions, one statement for tokens and one for users.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { parseResource } from '../introspection/resource-reference.ts';
import { countUseOf, type Use } from '../introspection/uses-in-answer.ts';
import { sees, viewOf } from '../introspection/view.ts';
import { mapWithPauses } from '../lib/pauses.ts';
import { digestText } from '../lib/secrets.ts';
import type { Db } from '../storage/engine/database.ts';
import { findResourceFacts, type ResourceFacts } from '../storage/facts/resource-facts.ts';
import type { Found } from '../storage/facts/token-facts.ts';
import { findUserFacts, type UserFacts } from '../storage/facts/user-facts.ts';
import { denyToken, denyUser, scopesPermitting } from './decide.ts';
import type { Denial } from './denial.ts';
import type { Action, Evaluation, ReadEvaluation } from './evaluation-request.ts';

/** The answer to one evaluation (AuthZEN section 5.5). */
export interface Decision {
  readonly decision: boolean;
  readonly context?: Denial | Fault | Binding;
}

/** What is wrong with one evaluation among others. */
interface Fault {
  readonly error: { readonly status: 400; readonly message: string };
}

/** The key without whose proof a permitted token is worth nothing (RFC 9449 section 7.1). */
interface Binding {
  readonly cnf: { readonly jkt: string };
}

/** Hears, in the middle of many, of what a decision permitted a token: it must be quick. */
export type CountUse = (use: Use) => void;

/**
 * Decides evaluations for a resource server, in their order.
 *
 * @throws {DatabaseUnavailableError} nothing could be read; no decision is ever invented.
 */
export async function evaluate(
  db: Db,
  asker: Client,
  evaluations: readonly ReadEvaluation[],
  countUse: CountUse = () => {},
): Promise<Decision[]> {
  const wellFormed = evaluations.filter((read): read is Evaluation => !('fault' in read));
  const [tokens, users] = await Promise.all([
    tokenFacts(db, asker, wellFormed),
    userFacts(db, asker, wellFormed),
  ]);
  return mapWithPauses(evaluations, (read) => {
    if ('fault' in read) return malformed(read.fault);
    if (read.subject.type === 'user') return decision(denialOfUser(read, users.get(read)));
    const found = tokens(read);
    const denial = denialOfToken(read, found, asker);
    if (denial === undefined && found?.facts !== undefined)
      noteUse(read.action, found.facts, asker, countUse);
    return decision(denial, found?.facts?.keyThumbprint);
  });
}

/** What a token was permitted to do; nothing of the asker itself is counted. */
function noteUse(action: Action, facts: ResourceFacts, asker: Client, count: CountUse): void {
  const { clientId, target } = facts;
  if (target === undefined || clientId === asker.id) return;
  countUseOf(facts, scopesPermitting(action, target.use), count);
}

function decision(denial: Denial | undefined, jkt?: string): Decision {
  if (denial !== undefined) return { decision: false, context: denial };
  return jkt === undefined ? { decision: true } : { decision: true, context: { cnf: { jkt } } };
}

function malformed(message: string): Decision {
  return { decision: false, context: { error: { status: 400, message } } };
}

/** Many actions are asked of one token on one resource: its facts are read once. */
async function tokenFacts(db: Db, { id: asker }: Client, evaluations: readonly Evaluation[]) {
  const questions = new Map<string, { token: string; resource: string }>();
  const keys = new Map<Evaluation, string>();
  for (const evaluation of evaluations) {
    const { subject, resource } = evaluation;
    if (subject.type !== 'access_token') continue;
    const key = `${subject.token.length} ${subject.token}${resource.id}`;
    keys.set(evaluation, key);
    questions.set(key, { token: subject.token, resource: resource.id });
  }
  const facts = new Map<string, Found<ResourceFacts> | undefined>();
  if (questions.size > 0) {
    const found = await findResourceFacts(
      db,
      Array.from(questions.values(), ({ token, resource }) => ({
        tokenDigest: digestText(token),
        asker,
        resource: parseResource(resource),
      })),
    );
    for (const [index, key] of [...questions.keys()].entries()) facts.set(key, found[index]);
  }
  return (evaluation: Evaluation) => facts.get(keys.get(evaluation) ?? '');
}

/** Only the platform's own services may ask about people without a token of theirs. */
async function userFacts(db: Db, asker: Client, evaluations: readonly Evaluation[]) {
  const asked = evaluations.flatMap((evaluation) => {
    const { subject, resource } = evaluation;
    if (subject.type !== 'user') return [];
    return [{ evaluation, accountId: subject.accountId, resource: parseResource(resource.id) }];
  });
  if (asked.length === 0 || asker.resourceServer?.kind !== 'platform') {
    return new Map<Evaluation, UserFacts | undefined>();
  }
  const found = await findUserFacts(db, asked);
  return new Map(asked.map(({ evaluation }, index) => [evaluation, found[index]]));
}

const unknownResource: Denial = { reason: 'resource_unknown' };

function denialOfToken(
  { action, resource }: Evaluation,
  found: Found<ResourceFacts> | undefined,
  asker: Client,
): Denial | undefined {
  const facts = found?.facts ?? found?.ofSuspended;
  const view = facts && viewOf(facts, asker.id);
  if (facts === undefined || view === undefined || facts.kind !== 'AccessToken') {
    return { reason: 'token_inactive' };
  }
  if (found?.facts === undefined) return { reason: 'application_suspended' };
  const { target } = facts;
  const isSeen = target !== undefined && sees(view, target.resource.organizationId);
  if (!isSeen || target.resource.type !== resource.type) return unknownResource;
  return denyToken(action, target.use);
}

function denialOfUser(
  { action, resource }: Evaluation,
  facts: UserFacts | undefined,
): Denial | undefined {
  if (facts === undefined || facts.resource.type !== resource.type) return unknownResource;
  if (!facts.isKnown) return { reason: 'subject_unknown' };
  return denyUser(action, facts);
}
