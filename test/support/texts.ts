/** The texts of pages and mails in every language, with the words of the catalogue in use. */

import { platformWords } from '../../src/catalogue/words.ts';
import { loadMessages, messagesDirectory } from '../../src/lib/messages.ts';

export const texts = loadMessages(messagesDirectory, { words: platformWords });
