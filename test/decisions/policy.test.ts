/** The domain's policy for third-party applications: users consent, organizations approve. */

import { expect, test } from 'vitest';
import { allScopes, emptySet, scopeSet } from '../../src/catalogue/scope-set.ts';
import {
  noCeiling,
  type PolicyCeiling,
  type PolicyFacts,
  policyCeiling,
  scopesUnder,
} from '../../src/decisions/policy.ts';

const approval = { scopes: undefined, production: true, maxGrantSeconds: undefined };
const nothing = { scopes: emptySet, production: false };
const noProduction = { scopes: allScopes, production: false };
const read = scopeSet(['database:read_database']);

const shutOut = { ...nothing, isShutOut: true } as const;
const guarded = { policy: 'open', guardsProduction: true } as const;

/** An application of others where approval is required, with a grant that is a minute old. */
const facts: PolicyFacts = {
  policy: 'approval_required',
  guardsProduction: false,
  owned: false,
  verified: false,
  isShutOut: false,
  approval: undefined,
  grantAgeSeconds: 60,
};

test.each<[sentence: string, change: Partial<PolicyFacts>, ceiling: PolicyCeiling]>([
  ['nothing until it is approved', {}, nothing],
  ['everything where the policy is open', { policy: 'open' }, noCeiling],
  ["everything to the organization's own application", { owned: true }, noCeiling],
  ['everything once approved without a ceiling', { approval }, noCeiling],
  [
    'the approved scopes',
    { approval: { ...approval, scopes: read } },
    { scopes: read, production: true },
  ],
  [
    'no production branches',
    { approval: { ...approval, production: false } },
    { scopes: allScopes, production: false },
  ],
  ['a grant within its lifetime', { approval: { ...approval, maxGrantSeconds: 61 } }, noCeiling],
  ['nothing to the unverified where it must be verified', { policy: 'verified_only' }, nothing],
  ['everything to the verified there', { policy: 'verified_only', verified: true }, noCeiling],
  ['the approved to the unverified there', { policy: 'verified_only', approval }, noCeiling],
  ['nothing to the verified until approved, where all need it', { verified: true }, nothing],
  ['no production to the unverified where it is guarded', { ...guarded }, noProduction],
  ['production to the verified there', { ...guarded, verified: true }, noCeiling],
  ['production to the approved there', { ...guarded, approval }, noCeiling],
  [
    'no production where the approval leaves it out',
    { ...guarded, approval: { ...approval, production: false } },
    noProduction,
  ],
  [
    'no production once the grant has outgrown the approval',
    { ...guarded, approval: { ...approval, maxGrantSeconds: 60 } },
    noProduction,
  ],
  ['nothing to what is shut out, approved', { isShutOut: true, approval }, shutOut],
  ['nothing to what is shut out, its own', { isShutOut: true, owned: true }, shutOut],
  [
    'nothing to what is shut out, where the policy is open',
    { policy: 'open', isShutOut: true },
    shutOut,
  ],
  ['nothing once the grant is as old', { approval: { ...approval, maxGrantSeconds: 60 } }, nothing],
])('leaves %s', (_sentence, change, ceiling) => {
  expect(policyCeiling({ ...facts, ...change })).toEqual(ceiling);
});

test("a person's own account is under no policy", () => {
  expect(scopesUnder(nothing, 'user')).toBe(allScopes);
});
