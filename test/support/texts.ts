/** The texts of the default language, with the words of the catalogue in use. */

import { platformWords } from '../../src/catalogue/words.ts';
import { loadMessages, messagesDirectory } from '../../src/lib/messages.ts';

export const english = loadMessages(messagesDirectory, { words: platformWords }).in(undefined);
