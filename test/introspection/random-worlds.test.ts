/** In any world, any asker gets for any question what the rules say, alone or among others. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IntrospectionAnswer } from '../../src/introspection/answer.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import type { Question } from '../../src/introspection/question-facts.ts';
import { runsOf } from '../catalogue/rows-in-use.ts';
import { type Resource, resourcesOf, type World, worlds } from '../decisions/worlds.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { expectedAnswer } from './expected-answer.ts';
import { issuer } from './scenario.ts';
import { type AskerKind, type WrittenWorld, writeWorld } from './written-world.ts';

const database = forAllTests(openTestDatabase);

const askerKinds: AskerKind[] = ['own', 'platform', 'careful', 'tenant', 'other'];

interface Case {
  question: Question;
  expected: object;
  /** Decides the place among all questions. */
  rank: number;
}

/** Every question that can be asked in a world: by every asker, on everything and on nothing. */
function casesIn(written: WrittenWorld, random: () => number): Case[] {
  const resources: (Resource | undefined)[] = [undefined, ...resourcesOf(written.world)];
  return askerKinds.flatMap((kind) =>
    resources.map((resource) => {
      const { identifier, path } = resource ? written.named(resource) : {};
      const byId = resource?.kind !== 'user' && random() < 0.7;
      const question = {
        asker: written.askers[kind],
        token: written.token,
        resource: byId ? identifier : path,
      };
      return { question, expected: expectedAnswer(written, kind, resource), rank: random() };
    }),
  );
}

/** The properties that depend on consent and roles. */
function powersIn(answer: IntrospectionAnswer | undefined): object {
  if (!answer?.active) return { ...answer };
  const { scope, resource, below, authorization_details } = answer;
  return JSON.parse(
    JSON.stringify({ active: true, scope, resource, below, authorization_details }),
  );
}

function withoutEmptyEntries(world: World): World {
  return { ...world, entries: world.entries.filter(({ scopes }) => scopes.length > 0) };
}

const openid = fc.constantFrom('', 'openid', 'email openid');
const manyWorlds = fc.array(fc.tuple(worlds.map(withoutEmptyEntries), openid), {
  minLength: 1,
  maxLength: 3,
});

test('answers, asked together in any order, are those of the rules', async () => {
  const property = fc.asyncProperty(
    manyWorlds,
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    async (some, stream) => {
      const random = () => stream.next().value ?? 0;
      const cases: Case[] = [];
      for (const [world, scope] of some) {
        cases.push(...casesIn(await writeWorld(database.db, world, scope), random));
      }
      cases.sort((one, other) => one.rank - other.rank);

      const answers = await introspect(
        database.db,
        cases.map(({ question }) => question),
        issuer,
      );
      expect(answers.map(powersIn)).toStrictEqual(cases.map(({ expected }) => expected));

      for (const [place, { question }] of cases.slice(0, 12).entries()) {
        const alone = await introspect(database.db, [question], issuer);
        expect(alone).toStrictEqual([answers[place]]);
      }
    },
  );
  await fc.assert(property, { numRuns: runsOf(25) });
}, 600_000);
