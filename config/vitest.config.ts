/** How the tests run: every file has a database of its own, a copy of one template (test/support). */

import { defineConfig } from 'vitest/config';
import { LongestFirst } from '../test/support/longest-first.ts';

/** Files that run on another catalogue, which is read when it is imported. */
const onOther = ['test/**/*.workbench.*test.ts'];
/** What needs a suite that is no dependency, and runs where that is installed. */
const elsewhere = process.env['MCP_CONFORMANCE'] ? [] : ['test/flows/mcp-conformance.test.ts'];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/before-each-file.ts'],
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // On a machine that is busy an answer takes longer than the second that vitest would wait.
    expect: { poll: { timeout: 20_000 } },
    // A process that is started anew there, with a database of its own, takes over a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'usher',
          include: ['test/**/*.test.ts'],
          exclude: [...onOther, ...elsewhere],
          // Files that run in one process share what they import, and what the engine has compiled of
          // it: a third of the time of all tests. So a file leaves nothing changed behind it.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'workbench', include: onOther } },
    ],
  },
});
