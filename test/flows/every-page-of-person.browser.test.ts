/** Every page beside the console, in every state. */

import { testPages } from './every-page.ts';
import { firstPageStates, otherPageStates, pageStates } from './page-states.ts';

testPages('every page of a person', {
  translated: [...pageStates, ...firstPageStates],
  untranslated: otherPageStates,
});
