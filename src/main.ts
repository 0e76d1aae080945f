/**
 * `npm start`. What Node makes of the modules is kept beside the packages, so that the next start
 * neither reads types away nor compiles anew: it takes half as long, and less memory. `npm start`
 * names the same place to Node beforehand (NODE_COMPILE_CACHE), for this file too. Where nothing can be
 * written the start is slower, and that is all.
 *
 * @module
 */

import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/usher'));
const { serve } = await import('./serve.ts');
await serve();
setImmediate(flushCompileCache);
