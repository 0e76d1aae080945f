/** The pages beside those about applications, in the words of another platform. */

import '../catalogue/on-workbench.ts';
import { testWords } from './every-word.ts';
import { otherPageStates, pageStates } from './page-states.ts';

testWords('every other page of another platform', [
  ...pageStates.filter(({ name }) => !/own|app|consent|resource server/.test(name)),
  ...otherPageStates,
]);
