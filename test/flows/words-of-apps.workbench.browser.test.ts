/** The pages about applications, in the words of another platform. */

import '../catalogue/on-workbench.ts';
import { testWords } from './every-word.ts';
import { pageStates } from './page-states.ts';

testWords(
  'every page about applications, of another platform',
  pageStates.filter(({ name }) => /own|app|consent|resource server/.test(name)),
);
