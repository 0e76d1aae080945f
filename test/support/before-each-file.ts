/** What one file leaves behind in the process is no concern of the next. */

import fc from 'fast-check';
import { forgetSecrets } from './issued-secrets.ts';

forgetSecrets();

// On a machine that is busy a property stops with fewer runs, and a counterexample is reported as small
// as it has become, before vitest gives the test up and says nothing of either.
fc.configureGlobal({ interruptAfterTimeLimit: 90_000 });
