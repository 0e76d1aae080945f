/** What one file leaves behind in the process is no concern of the next. */

import { forgetSecrets } from './issued-secrets.ts';

forgetSecrets();
