/** What is large and seldom needed is not loaded before it is: a process starts in half the time, and is smaller. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  await import(process.argv[1]);
  process.stdout.write(JSON.stringify(loaded));
`;

const large = [
  '@electric-sql/pglite',
  '@peculiar/x509',
  '@simplewebauthn/server',
  '@zxcvbn-ts/core',
  'nodemailer',
  'openid-client',
  'prom-client',
  'sharp',
  'undici',
];

test('what serves loads none of the large packages', async () => {
  const serve = join(import.meta.dirname, '../../src/serve.ts');
  const args = ['--input-type=module', '--eval', program, serve];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 });
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded.some((url) => url.endsWith('/src/app.ts'))).toBe(true);
  const packages = loaded.flatMap(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
  );
  expect(packages).toContain('koa');
  expect(large.filter((name) => packages.includes(name))).toEqual([]);
});
