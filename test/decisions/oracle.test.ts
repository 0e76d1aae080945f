/** The decisions agree with a naive telling of the domain's rules over random organizations. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allScopes, has, names } from '../../src/catalogue/scope-set.ts';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import {
  effectiveScopes,
  entryActions,
  scopesBelow,
} from '../../src/decisions/effective-scopes.ts';
import { explainUse } from '../../src/decisions/explain.ts';
import { grantableScopes } from '../../src/decisions/grantable-scopes.ts';
import { withheldFrom } from '../../src/decisions/withheld.ts';
import { belowFactsOf, consentFactsOf, reachedEntryOf, statusOf, useFactsOf } from './facts-of.ts';
import { actions, below, effective, grantable, withheld } from './oracle.ts';
import { type Resource, resourcesOf, type World, worlds } from './worlds.ts';

function inEveryWorld(check: (world: World, resource: Resource) => void): void {
  const property = fc.property(worlds, (world) => {
    for (const resource of resourcesOf(world)) check(world, resource);
  });
  fc.assert(property, { numRuns: 400 });
}

describe('in any organization, with any consent, on any resource', () => {
  test('the effective scopes are those of the rules', () => {
    inEveryWorld((world, resource) => {
      const held = effectiveScopes(useFactsOf(world, resource));
      expect(names(held)).toEqual(effective(world, resource));
    });
  });

  test('the scopes below are those that hold on a child', () => {
    inEveryWorld((world, resource) => {
      expect(names(scopesBelow(belowFactsOf(world, resource)))).toEqual(below(world, resource));
    });
  });

  test('the actions of an entry are those that hold on something it reaches', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const entry of world.entries) {
          const held = entryActions(reachedEntryOf(world, entry), statusOf(world));
          expect(names(held)).toEqual(actions(world, entry));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('what can be consented is what the role gives there', () => {
    inEveryWorld((world, resource) => {
      for (const includesProduction of [true, false]) {
        const facts = { ...consentFactsOf(world, resource), includesProduction };
        const answers = grantableScopes(allScopes, facts);
        const granted = answers.filter((answer) => answer.grantable).map(({ scope }) => scope);
        expect(granted).toEqual(grantable(world, resource, includesProduction));
      }
    });
  });

  test('what a consent does not reach for now is what role or policy withhold there', () => {
    inEveryWorld((world, resource) => {
      const facts = consentFactsOf(world, resource);
      for (const { scope, grantable } of grantableScopes(allScopes, facts)) {
        if (!grantable) continue;
        const parts = withheldFrom(scope, facts).map(({ where }) => where);
        expect(parts).toEqual(withheld(world, resource, scope));
      }
    });
  });

  test('a scope is explained exactly when it does not hold', () => {
    inEveryWorld((world, resource) => {
      const facts = useFactsOf(world, resource);
      const held = effectiveScopes(facts);
      for (const scope of scopeNames) {
        expect(explainUse(scope, facts) === undefined).toBe(has(held, scope));
      }
    });
  });
});
