/** Every page of the console, in every state. */

import { consoleApplicationStates } from './console-application-states.ts';
import { consoleStates } from './console-states.ts';
import { whyStates } from './console-why-states.ts';
import { testPages } from './every-page.ts';
import { organizationStates } from './organization-states.ts';

testPages('every page of the console', {
  translated: [...consoleStates, ...consoleApplicationStates, ...organizationStates, ...whyStates],
});
