/**
 * Makes Usher sweep without a pause: `node --import ./test/support/quick-sweeps.ts src/main.ts`. All else is
 * as it is.
 */

import { registerHooks } from 'node:module';

const pause = 'idle: 60_000';

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/src/ops/sweeper.ts')) return loaded;
    const source = String(loaded.source);
    if (!source.includes(pause)) throw new Error(`the sweeper has no "${pause}" any more`);
    return { ...loaded, source: source.replace(pause, 'idle: 20') };
  },
});
