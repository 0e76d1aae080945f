/** Starts Usher. */

import { newId, parseId, printId } from './lib/ids.ts';

console.log(parseId('user', printId('user', newId())));
