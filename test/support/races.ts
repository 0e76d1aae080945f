/**
 * Races for things that are used once: eight requests at the same moment, spread over all nodes.
 * A round throws when it has not exactly one winner, or when the winner's tokens do not live.
 */

import { statement } from '../../src/storage/engine/database.ts';
import { type Answer, demoApp, type Node, obtainCode, redeem, refresh } from './oauth.ts';
import { isAlive } from './token-rows.ts';
import type { UserAgent } from './user-agent.ts';

type Nodes = readonly [Node, ...Node[]];

const runners = 8;

/** A race for a new code. @returns the winner's tokens. */
export async function raceForCode(
  nodes: Nodes,
  agent: UserAgent,
  email: string,
  scope: string,
): Promise<Answer['body']> {
  const { code, verifier } = await obtainCode(nodes[0], demoApp, email, scope, agent);
  const answers = await race(nodes, (node) => redeem(node, demoApp, code, verifier));
  const won = answers.filter(({ status }) => status === 200);
  if (won.length !== 1) throw new Error(`${won.length} of ${runners} redeemed one code`);
  return judge(nodes, answers);
}

/** A race for a refresh token; identical retries are one winner. @returns its tokens. */
export async function raceForRefresh(
  nodes: Nodes,
  token: string,
  { client = demoApp, count = runners } = {},
): Promise<Answer['body']> {
  const answers = await race(nodes, (node) => refresh(node, client, token), count);
  if (!answers.every(({ status }) => status === 200)) throw new Error(describe(answers));
  return judge(nodes, answers);
}

function race(
  nodes: Nodes,
  run: (node: Node) => Promise<Answer>,
  count = runners,
): Promise<Answer[]> {
  const lanes = Array.from({ length: count }, (_, n) => nodes[n % nodes.length] ?? nodes[0]);
  return Promise.all(lanes.map(run));
}

async function judge(nodes: Nodes, answers: readonly Answer[]): Promise<Answer['body']> {
  const bodies = answers.filter(({ status }) => status === 200).map(({ body }) => body);
  const winners = new Set(bodies.map((body) => JSON.stringify(body)));
  const losers = answers.filter(({ status }) => status !== 200);
  const isRefused = losers.every(
    ({ status, body }) => status === 400 && body.error === 'invalid_grant',
  );
  if (winners.size !== 1 || !isRefused) throw new Error(describe(answers));
  for (const node of nodes) {
    if (!(await isAlive(node, bodies[0].access_token))) throw new Error('the winner is dead');
  }
  return bodies[0];
}

function describe(answers: readonly Answer[]): string {
  return `not one winner: ${answers.map(({ status, body }) => `${status} ${body.error ?? ''}`)}`;
}

/** @returns the grants that do not have exactly one unspent refresh token. */
export async function forkedGrants({ database }: Node): Promise<string[]> {
  const rows = await database.db.query<{ id: string }>(
    statement(`
      select g.id from grants g
      left join tokens t on t.grant_id = g.id and t.kind = 'RefreshToken' and t.consumed_at is null
      group by g.id having count(t.id) <> 1`),
  );
  return rows.map(({ id }) => id);
}

/** @returns how many access tokens there are. */
export async function accessTokens({ database }: Node): Promise<number> {
  const [row] = await database.db.query<{ count: number }>(
    statement(`select count(*)::int as count from tokens where kind = 'AccessToken'`),
  );
  return row?.count ?? 0;
}
