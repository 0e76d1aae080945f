/**
 * While the package is packed, its `package.json` is that of the SDK alone: whoever installs it gets
 * `usher/resource-server` and none of the server's dependencies.
 *
 *   node config/slim-package.ts slim      at `prepack`, when `dist` is made
 *   node config/slim-package.ts restore   at `postpack`
 *
 * Where packing was broken off in between, `git checkout package.json` does the second.
 *
 * @module
 */

import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const file = 'package.json';
/** Not among the packed files. */
const whole = 'dist/package.json';

/** What a package that is only called needs. */
const kept = new Set(
  'name version description private license type exports files engines peerDependencies peerDependenciesMeta'.split(
    ' ',
  ),
);

if (process.argv[2] === 'slim') {
  copyFileSync(file, whole);
  const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')));
  const slim = Object.fromEntries(entries.filter(([name]) => kept.has(name)));
  writeFileSync('dist/slim.json', JSON.stringify(slim, null, 2));
  renameSync('dist/slim.json', file);
} else {
  renameSync(whole, file);
}
