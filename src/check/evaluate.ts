/**
 * Access evaluations: many questions, one statement for tokens and one for users.
 *
 * @module
 */

import type { Client } from '../clients/client.ts';
import { parseResource } from '../introspection/resource-reference.ts';
import { sees, viewOf } from '../introspection/view.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Db } from '../storage/database.ts';
import { findResourceFacts, type ResourceFacts } from '../storage/resource-facts.ts';
import { findUserFacts, type UserFacts } from '../storage/user-facts.ts';
import { denyToken, denyUser } from './decide.ts';
import type { Denial } from './denial.ts';
import type { Evaluation, ReadEvaluation } from './evaluation-request.ts';

/** The answer to one evaluation (AuthZEN section 5.5). */
export interface Decision {
  readonly decision: boolean;
  readonly context?: Denial | { readonly error: { status: 400; message: string } };
}

const permit: Decision = { decision: true };

/**
 * Decides evaluations for a resource server, each in its place.
 *
 * @throws {DatabaseUnavailableError} nothing could be read; no decision is ever invented.
 */
export async function evaluate(
  db: Db,
  asker: Client,
  evaluations: readonly ReadEvaluation[],
): Promise<Decision[]> {
  const wellFormed = evaluations.filter((read): read is Evaluation => !('fault' in read));
  const [tokens, users] = await Promise.all([
    tokenFacts(db, asker, wellFormed),
    userFacts(db, asker, wellFormed),
  ]);
  return evaluations.map((read) => {
    if ('fault' in read) return malformed(read.fault);
    const denial =
      read.subject.type === 'access_token'
        ? denialOfToken(read, tokens.get(read), asker)
        : denialOfUser(read, users.get(read));
    return denial === undefined ? permit : { decision: false, context: denial };
  });
}

function malformed(message: string): Decision {
  return { decision: false, context: { error: { status: 400, message } } };
}

async function tokenFacts(db: Db, { id: asker }: Client, evaluations: readonly Evaluation[]) {
  const asked = evaluations.filter(({ subject }) => subject.type === 'access_token');
  if (asked.length === 0) return new Map<Evaluation, ResourceFacts | undefined>();
  const hashes = new Map<string, Buffer>();
  const found = await findResourceFacts(
    db,
    asked.map(({ subject, resource }) => ({
      tokenHash: subject.type === 'access_token' ? hashOf(hashes, subject.token) : Buffer.alloc(0),
      asker,
      resource: parseResource(resource.id),
    })),
  );
  return new Map(asked.map((evaluation, place) => [evaluation, found[place]?.facts]));
}

/** A batch is mostly about one token. */
function hashOf(hashes: Map<string, Buffer>, token: string): Buffer {
  const hash = hashes.get(token) ?? sha256(token);
  hashes.set(token, hash);
  return hash;
}

/** Only the platform's own services may ask about people without a token of theirs. */
async function userFacts(db: Db, asker: Client, evaluations: readonly Evaluation[]) {
  const asked = evaluations.flatMap((evaluation) => {
    const { subject, resource } = evaluation;
    if (subject.type !== 'user' || subject.accountId === undefined) return [];
    return [{ evaluation, accountId: subject.accountId, resource: parseResource(resource.id) }];
  });
  if (asked.length === 0 || asker.resourceServer?.kind !== 'platform') {
    return new Map<Evaluation, UserFacts | undefined>();
  }
  const found = await findUserFacts(db, asked);
  return new Map(asked.map(({ evaluation }, place) => [evaluation, found[place]]));
}

const unknownResource: Denial = { reason: 'resource_unknown' };

function denialOfToken(
  { action, resource }: Evaluation,
  facts: ResourceFacts | undefined,
  asker: Client,
): Denial | undefined {
  const view = facts && viewOf(facts, asker.id);
  if (facts === undefined || view === undefined || facts.kind !== 'AccessToken') {
    return { reason: 'token_inactive' };
  }
  if (!facts.isClientActive) return { reason: 'application_suspended' };
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
  return denyUser(action, facts);
}
