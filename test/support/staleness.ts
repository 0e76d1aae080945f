/**
 * The checker of stale answers: a question that starts after a change was acknowledged must show it.
 *
 * Writer and readers are one process of the test, so "after" is certain: a question is begun when
 * the acknowledgement has been read. Questions that were on their way meanwhile may be answered
 * either way.
 *
 * Source: RFC 7662 section 4 (answers that are kept for later are stale).
 */

import { callAccess } from './access.ts';
import { type Node, post, type TestClient } from './oauth.ts';

/** What an answer says about the one scope that is watched. */
export type Standing = 'allowed' | 'powerless' | 'inactive' | 'invalid_client';

/** A change, and the questions whose answers show it. */
export interface Turn {
  readonly asker: TestClient;
  readonly token: string;
  readonly scope: string;
  /** Branches by path; every one is asked about. Undefined is a question without a resource. */
  readonly resources: readonly (string | undefined)[];
  readonly before: Standing;
  readonly after: Standing;
  /** Makes the change; resolves when it is acknowledged. */
  make(): Promise<unknown>;
}

/** Something that changes again and again. */
export interface Fact {
  readonly name: string;
  next(): Promise<Turn>;
}

/** What was seen. A pair is a change and one question that began after its acknowledgement. */
export interface Watched {
  pairs: number;
  /** Answers that did not show the change. */
  stale: number;
  /** How long after an acknowledgement a question from before it still got the old answer. */
  oldUntilMilliseconds: number;
  first: string | undefined;
}

/** For each process, each of a turn's questions, and each way to ask it. */
const inFlight = 3;

/** Makes `turns` changes of a fact and counts `pairs` questions after each. */
export async function watch(
  nodes: readonly Node[],
  fact: Fact,
  { turns, pairs }: { readonly turns: number; readonly pairs: number },
): Promise<Watched> {
  const seen: Watched = { pairs: 0, stale: 0, oldUntilMilliseconds: 0, first: undefined };
  for (let turn = 0; turn < turns; turn++) await watchTurn(nodes, await fact.next(), pairs, seen);
  return seen;
}

async function watchTurn(
  nodes: readonly Node[],
  turn: Turn,
  pairs: number,
  seen: Watched,
): Promise<void> {
  const lanes = lanesOf(nodes, turn);
  const judge = (standing: Standing, expected: Standing, { node, resource, way }: Lane) => {
    if (standing === expected) return;
    seen.stale += 1;
    seen.first ??= `${standing}, not ${expected}, of ${node.issuer} about ${resource} (${way})`;
  };
  // All have been told how it stands: whoever keeps answers has this one from now on.
  for (const lane of lanes) judge(await ask(turn, lane), turn.before, lane);

  let acknowledgedAt: number | undefined;
  const last = seen.pairs + pairs;
  const run = async (lane: Lane) => {
    while (seen.pairs < last) {
      const isPair = acknowledgedAt !== undefined;
      if (isPair) seen.pairs += 1;
      const standing = await ask(turn, lane);
      if (isPair) judge(standing, turn.after, lane);
      else if (standing !== turn.after) {
        judge(standing, turn.before, lane);
        const late = acknowledgedAt === undefined ? 0 : performance.now() - acknowledgedAt;
        seen.oldUntilMilliseconds = Math.max(seen.oldUntilMilliseconds, late);
      }
    }
  };
  const running = Array.from({ length: inFlight }, () => lanes.map(run)).flat();
  await turn.make();
  acknowledgedAt = performance.now();
  await Promise.all(running);
}

interface Lane {
  readonly node: Node;
  readonly resource: string | undefined;
  readonly way: Way;
}

/** The ways to ask whether a token may do something. */
const ways = ['fast path', 'library', 'many in one call', 'decision'] as const;
type Way = (typeof ways)[number];

/** A decision is always about a resource. */
function lanesOf(nodes: readonly Node[], { resources }: Turn): Lane[] {
  const all = nodes.flatMap((node) =>
    resources.flatMap((resource) => ways.map((way) => ({ node, resource, way }))),
  );
  return all.filter(({ resource, way }) => resource !== undefined || way !== 'decision');
}

async function ask(turn: Turn, lane: Lane): Promise<Standing> {
  if (lane.way === 'decision') return decide(turn, lane);
  const answer = await introspect(turn, lane);
  if (answer.error !== undefined) return answer.error;
  if (!answer.active) return 'inactive';
  return answer.scope?.split(' ').includes(turn.scope) ? 'allowed' : 'powerless';
}

async function introspect({ asker, token }: Turn, { node, resource, way }: Lane) {
  const question = { token, ...(resource !== undefined && { resource }) };
  if (way === 'many in one call') {
    const questions = [question, question];
    const { body } = await callAccess(node, 'introspections', { questions }, { asker });
    return body.answers?.[1] ?? body;
  }
  // The fast path does not know this one.
  const headers: Record<string, string> =
    way === 'library' ? { accept: 'application/json;q=0.9' } : {};
  return (await post(node, '/oauth/introspect', asker, question, headers)).body;
}

async function decide({ asker, token, scope }: Turn, { node, resource }: Lane): Promise<Standing> {
  const evaluation = {
    subject: { type: 'access_token', id: token },
    action: { name: scope },
    resource: { type: 'branch', id: resource },
  };
  const { body } = await callAccess(node, 'evaluation', evaluation, { asker });
  if (body.error !== undefined) return body.error;
  if (body.decision) return 'allowed';
  const isDead = ['token_inactive', 'application_suspended'].includes(body.context.reason);
  return isDead ? 'inactive' : 'powerless';
}
