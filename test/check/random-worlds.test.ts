/**
 * In any world a decision on a scope is what introspection says about the same resource, and one on
 * a permission follows from the published table; whoever may not see a resource is told nothing.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PermissionId, permissions } from '../../src/catalogue/permissions.ts';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { type Decision, evaluate } from '../../src/check/evaluate.ts';
import type { Action, Evaluation } from '../../src/check/evaluation-request.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import { findClient } from '../../src/storage/clients/clients.ts';
import { runsOf, scopeRows } from '../catalogue/rows-in-use.ts';
import { type Resource, resourcesOf, worlds } from '../decisions/worlds.ts';
import { issuer } from '../introspection/scenario.ts';
import { type WrittenWorld, writeWorld } from '../introspection/written-world.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';

const database = forAllTests(openTestDatabase);

const actions: Action[] = [
  ...scopeNames.map((scope) => ({ type: 'scope', scope }) as const),
  ...permissions.map(({ id }) => ({ type: 'permission', permission: id }) as const),
];

/** What a scope requires there, by the published data; undefined where it does not act. */
function requires(scope: string, resource: Resource): readonly string[] | undefined {
  const row = scopeRows.find((one) => one.scope === scope);
  if (row === undefined || row.actsOn !== resource.kind) return undefined;
  const { requires: needed } = row;
  if (Array.isArray(needed)) return needed;
  const isProduction = resource.kind === 'branch' && resource.production;
  return needed[isProduction ? 'production' : 'development'] ?? undefined;
}

function isPermitted(action: Action, held: readonly string[], resource: Resource): boolean {
  if (action.type === 'scope') return held.includes(action.scope);
  const gives = (permission: PermissionId) =>
    held.some((scope) => requires(scope, resource)?.includes(permission));
  return gives(action.permission);
}

async function checkWorld(written: WrittenWorld): Promise<Set<string>> {
  const reasons = new Set<string>();
  const { token, named, world } = written;
  for (const kind of ['platform', 'careful', 'tenant'] as const) {
    const asker = await findClient(database.db, written.askers[kind]);
    if (asker === undefined) throw new Error(`no ${kind}`);
    for (const resource of resourcesOf(world)) {
      const { path } = named(resource);
      const evaluations = actions.map(
        (action): Evaluation => ({
          subject: { type: 'access_token', token },
          action,
          resource: { type: resource.kind, id: path },
        }),
      );
      const question = { asker: asker.id, token, resource: path };
      const [answer] = await introspect(database.db, [question], issuer);
      const decisions = await evaluate(database.db, asker, evaluations);
      const held = answer?.active && answer.scope !== undefined ? answer.scope.split(' ') : [];
      const expected = actions.map((action) => isPermitted(action, held, resource));
      expect(decisions.map(({ decision }) => decision)).toEqual(expected);
      const isHidden = kind === 'tenant' && resource.kind === 'user';
      for (const one of decisions) reasons.add(reasonOf(one, isHidden));
    }
  }
  return reasons;
}

function reasonOf({ decision, context }: Decision, isHidden: boolean): string {
  if (decision) return 'permitted';
  if (context === undefined || !('reason' in context)) throw new Error('a denial without a reason');
  if (isHidden) expect(['resource_unknown', 'token_inactive']).toContain(context.reason);
  if (['resource_unknown', 'token_inactive'].includes(context.reason)) {
    expect(context).not.toHaveProperty('fix');
  }
  return context.reason;
}

test('a decision is what introspection says', { timeout: 600_000 }, async () => {
  const seen = new Set<string>();
  const property = fc.asyncProperty(worlds, async (world) => {
    const entries = world.entries.filter(({ scopes }) => scopes.length > 0);
    const written = await writeWorld(database.db, { ...world, entries }, '');
    for (const reason of await checkWorld(written)) seen.add(reason);
  });
  await fc.assert(property, { numRuns: runsOf(80) });
  expect(seen).toContain('permitted');
  for (const reason of ['scope_missing', 'not_in_grant', 'resource_unknown', 'token_inactive']) {
    expect(seen).toContain(reason);
  }
});
