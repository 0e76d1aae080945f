/**
 * The checker of stale answers: a question that starts after a change was acknowledged must show it.
 *
 * Writer and readers are one process of the test, so "after" is certain: a question is begun when
 * the acknowledgement has been read. Questions that were on their way meanwhile may be answered
 * either way.
 *
 * Source: RFC 7662 section 4 (answers that are kept for later are stale).
 */

import { introspectAs, type Node, type TestClient } from './oauth.ts';

/** What an answer says about the one scope that is watched. */
export type Standing = 'allowed' | 'powerless' | 'inactive' | 'invalid_client';

/** A change, and the questions whose answers show it. */
export interface Turn {
  readonly asker: TestClient;
  readonly token: string;
  readonly scope: string;
  /** Every one is asked about; undefined is a question without a resource. */
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

/** For each process and each of a turn's questions. */
const inFlight = 8;

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
  const lanes = nodes.flatMap((node) => turn.resources.map((resource) => ({ node, resource })));
  const judge = (standing: Standing, expected: Standing, { node, resource }: Lane) => {
    if (standing === expected) return;
    seen.stale += 1;
    seen.first ??= `${standing}, not ${expected}, of ${node.issuer} about ${resource}`;
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
}

async function ask({ asker, token, scope }: Turn, { node, resource }: Lane): Promise<Standing> {
  const answer = await introspectAs(node, asker, token, resource);
  if (answer.error !== undefined) return answer.error;
  if (!answer.active) return 'inactive';
  return answer.scope?.split(' ').includes(scope) ? 'allowed' : 'powerless';
}
