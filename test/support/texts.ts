/** The texts of the default language. */

import { loadMessages } from '../../src/lib/messages.ts';
import { messagesDirectory } from '../../src/web/page/render-page.ts';

export const english = loadMessages(messagesDirectory).in(undefined);
