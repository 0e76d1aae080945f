/** What the demo remembers of answers, in a cookie. */

import { expect, test } from 'vitest';
import { allScopes, emptySet } from '../../src/catalogue/scope-set.ts';
import { packAnswers, unpackAnswers } from '../../src/demo/answers.ts';
import { allResources } from '../../src/demo/resources.ts';

const path = allResources.at(-1)?.path ?? '';
const answers = new Map([[path, { effective: allScopes, isProduction: false }]]);

test('is read as it was written', () => {
  const read = unpackAnswers(packAnswers(answers));
  expect(read?.get(path)).toBe(allScopes);
  expect(read?.get(allResources[0]?.path ?? '')).toBe(emptySet);
  expect(read?.size).toBe(allResources.length);
});

test('is nothing under another catalogue, where the same bits mean other scopes', () => {
  expect(unpackAnswers(packAnswers(answers, 'another'))).toBeUndefined();
});
