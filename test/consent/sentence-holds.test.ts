/** The sentence about a consent is true: whatever introspection answers, it has said so. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scopeNames } from '../../src/catalogue/scopes.ts';
import { sentenceOfConsent } from '../../src/consent/sentence.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import type { Exclusion } from '../../src/sentence/consent-sentence.ts';
import { scopeRows } from '../catalogue/published-data.ts';
import { cast, runsOf } from '../catalogue/rows-in-use.ts';
import { type Resource, resourcesOf, type World, worlds } from '../decisions/worlds.ts';
import { issuer } from '../introspection/scenario.ts';
import { type WrittenWorld, writeWorld } from '../introspection/written-world.ts';
import { openTestDatabase } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { worldIn } from '../support/world.ts';

const database = forAllTests(openTestDatabase);

const effectOf = new Map<string, string>(scopeRows.map(({ scope, effect }) => [scope, effect]));

/** Consents whose newest token has every scope, so that nothing but consent, roles and policy bounds it. */
const consents = worlds.map(
  (world): World => ({
    ...world,
    entries: world.entries
      .filter(({ scopes }) => scopes.length > 0)
      .map((entry) => ({ ...entry, version: 1 })),
    token: { issued: [...scopeNames], registered: [...scopeNames], version: 3 },
  }),
);

/** A scope that holds, where, and what it does. */
interface Power {
  scope: string;
  effect: string | undefined;
  path: string;
  isProduction: boolean;
}

/** What introspection answers about every resource of the world. */
async function powersIn({ world, token, askers, named }: WrittenWorld): Promise<Power[]> {
  const resources: Resource[] = resourcesOf(world);
  const paths = resources.map((resource) => named(resource).path);
  const asker = askers.platform;
  const answers = await introspect(
    database.db,
    paths.map((resource) => ({ asker, token, resource })),
    issuer,
  );
  return answers.flatMap((answer, n) => {
    const { scope = '', resource } = { scope: undefined, resource: undefined, ...answer };
    const held = scope.split(' ').filter((name) => effectOf.has(name));
    return held.map((name) => ({
      scope: name,
      effect: effectOf.get(name),
      path: sentencePath(paths[n] ?? ''),
      isProduction: resource?.production === true,
    }));
  });
}

/** `acme/shop/main`, and '' for the account, as sentences name resources. */
function sentencePath(path: string): string {
  if (path === 'user') return '';
  return path.replace('organizations/', '').replace(/(databases|branches)\//g, '');
}

const isUnder = (path: string, above: string) => path === above || path.startsWith(`${above}/`);

const contradicts = ({ what }: Exclusion, { effect, isProduction }: Power): boolean => {
  if (what === 'production') return isProduction;
  return what === 'changes' ? effect !== 'see' : effect === what;
};

async function sentenceOf({ accountId, askers }: WrittenWorld) {
  const told = await sentenceOfConsent(database.db, { accountId, clientId: askers.own });
  if (told === undefined) throw new Error('a consent that nothing is said about');
  return told;
}

type Told = Awaited<ReturnType<typeof sentenceOf>>;

/** What a token may do anywhere is named, with production where it reaches that. */
function expectNamed({ powers }: Told, real: readonly Power[]): void {
  for (const { effect, path, isProduction } of real) {
    const onIt = powers
      .filter((power) => power.effect === effect)
      .flatMap(({ resources }) => resources)
      .filter((resource) => isUnder(path, resource.path));
    expect(onIt).not.toEqual([]);
    if (isProduction) expect(onIt.some((one) => one.reachesProduction)).toBe(true);
  }
}

/** What is named on a branch or on the account, the token may do there, unless its grant is too old. */
function expectReal({ powers }: Told, real: readonly Power[], { policy }: World): void {
  const longest = policy.approval?.seconds ?? Number.POSITIVE_INFINITY;
  if (policy.ageSeconds >= longest) return;
  for (const { effect, resources } of powers) {
    for (const { level, path } of resources) {
      if (level !== 'branch' && level !== 'user') continue;
      expect(real.some((power) => power.effect === effect && power.path === path)).toBe(true);
    }
  }
}

function expectNone(exclusions: readonly Exclusion[], real: readonly Power[]): void {
  for (const exclusion of exclusions) {
    expect(real.filter((power) => contradicts(exclusion, power))).toEqual([]);
  }
}

/** Every role, and no policy that limits applications or the age of what was agreed to. */
async function giveEverything({ accountId }: WrittenWorld): Promise<void> {
  const { run } = worldIn(database.db);
  await run(
    'update organization_members set role = $1, suspended_at = null where account_id = $2',
    [cast.administrator, accountId],
  );
  await run(
    `update organizations set application_policy = 'open', max_entry_days = null
      where id in (select organization_id from organization_members where account_id = $1)`,
    [accountId],
  );
}

test('introspection gives what the sentence names, and nothing that it excludes', async () => {
  const property = fc.asyncProperty(consents, async (world) => {
    const written = await writeWorld(database.db, world, '');
    const told = await sentenceOf(written);
    const real = await powersIn(written);
    expectNamed(told, real);
    expectReal(told, real, world);
    expectNone(told.exclusions, real);
    await giveEverything(written);
    const never = told.exclusions.filter(({ until }) => until === 'never');
    expectNone(never, await powersIn(written));
  });
  await fc.assert(property, { numRuns: runsOf(60) });
}, 120_000);
