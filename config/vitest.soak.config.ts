/** How the long tests run: `npm run soak`, on PostgreSQL only. */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/soak/*.soak.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 86_400_000,
    hookTimeout: 3_600_000, // at the end all that was issued is looked for in every table
  },
});
