/**
 * What members allowed an application in an organization and nobody uses is ended, in one act: the entries
 * on resources where nothing was done for anybody, and, where it is known, the scopes that were used for
 * nobody. Tokens that are out lose it at their next use; what is wanted after all is allowed anew.
 *
 * @module
 */

import { names } from '../catalogue/scope-set.ts';
import { printId } from '../lib/ids.ts';
import { findApplicationAccess } from '../storage/clients/application-access.ts';
import type { ApprovalIds } from '../storage/clients/approvals.ts';
import { holdAgainstConsents } from '../storage/clients/shut-outs.ts';
import {
  type EndedUnused,
  endUnused,
  findUnused,
  type UnusedAccess,
} from '../storage/clients/unused-access.ts';
import type { Work } from '../storage/engine/database.ts';
import type { Actor } from './actor.ts';
import { changeInside, readInside } from './inside.ts';
import { found } from './refusals.ts';
import { inOrganization } from './rights.ts';

/** So many people and resources are named in the audit log; the rest are counted. */
const mostNamed = 200;

/** @throws {RefusedError} `forbidden`, also by token; `not_found`, also where it has no access. */
export function readUnusedAccess(
  db: Parameters<typeof readInside>[0],
  actor: Actor,
  at: ApprovalIds,
): Promise<UnusedAccess> {
  return readInside(db, inOrganization(actor, 'application_access.read', at), async (tx) => {
    found(await findApplicationAccess(tx, at));
    return findUnused(tx, at);
  });
}

/**
 * Ends what is unused at that moment. Done again, it changes nothing.
 *
 * @throws {RefusedError} `forbidden`, also by token; `not_found`, also where it has no access.
 */
export function endUnusedAccess(
  work: Work,
  actor: Actor,
  at: ApprovalIds,
): Promise<{ readonly unused: UnusedAccess; readonly ended: EndedUnused }> {
  const entrance = inOrganization(actor, 'application.unused_ended', at);
  return changeInside(work, entrance, at.clientId, async (tx) => {
    await holdAgainstConsents(tx, at.clientId);
    found(await findApplicationAccess(tx, at));
    const unused = await findUnused(tx, at);
    const ended = await endUnused(tx, at);
    const result = { unused, ended };
    if (ended.members.length === 0) return { result };
    return { result, before: shown(unused, ended), after: { member_count: 0, entry_count: 0 } };
  });
}

function shown(
  { resources, resourceCount, scopes }: UnusedAccess,
  { members, ...of }: EndedUnused,
) {
  return {
    member_count: members.length,
    entry_count: of.entries + of.narrowed,
    resource_count: resourceCount,
    resources: resources.map(({ path }) => path),
    scopes: names(scopes),
    members: members.slice(0, mostNamed).map((id) => printId('user', id)),
  };
}
