/** The order of the test files: a long one that began last would leave the other workers idle. */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, the longest first; times of an earlier run are not there in a clean clone. */
const long = [
  'flows/every-page-of-person.browser',
  'flows/every-page-of-console.browser',
  'flows/words-of-apps.workbench.browser',
  'flows/words.workbench.browser',
  'api/callers',
  'api/slugs',
  'organizations/rules',
  'api/foreign-ids',
  'api/refused-acts',
  'organizations/model',
  'organizations/model.workbench',
  'catalogue/growing',
  'start/process',
  'flows/console.browser',
  'check/random-worlds',
  'start/first-operator',
  'flows/demo.browser',
  'flows/german.browser',
];

export class LongestFirst extends BaseSequencer {
  /** @returns the long ones in the order above, then the others as vitest has them. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = long.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return place === -1 ? long.length : place;
}
