/**
 * Makes of Usher what it is not: `node --import ./test/support/cached-build.ts src/main.ts` is a
 * build that keeps the answers to introspection for a second, to show that the checker of stale
 * answers finds them. All else is as it is.
 */

import { registerHooks } from 'node:module';

const fresh = /\/src\/introspection\/plain-answers\.ts$/;
const kept = import.meta.resolve('./kept-answers.ts');

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const isReplaced = fresh.test(found.url) && context.parentURL !== kept;
    return isReplaced ? { ...found, url: kept } : found;
  },
});
