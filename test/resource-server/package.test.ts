/** The SDK as others get it: packed, unpacked elsewhere, called by plain Node, read by TypeScript. */

import { execFile } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const project = mkdtempSync(join(tmpdir(), 'usher-sdk-'));
const installed = join(project, 'node_modules/usher');

beforeAll(async () => {
  await run('npm', ['pack', '--pack-destination', project], { cwd: root });
  mkdirSync(installed, { recursive: true });
  const [tarball = ''] = globSync('usher-*.tgz', { cwd: project });
  const unpack = ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1'];
  await run('tar', unpack);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const main = `
import {
  allOf, createResourceServer, ResourceServerError, type GrantedToken,
} from 'usher/resource-server';

const server = createResourceServer({
  issuer: 'http://127.0.0.1:9', clientId: 'api', clientSecret: 'secret', onFailure: () => {},
});
const guard = server.requireScope(allOf('branch:read_branch'), { resource: () => 'user' });
const greet = (_request: Request, token: GrantedToken) => new Response(token.sub);
const headers = { authorization: 'Bearer usher_at_x' };
const response = await guard.protect(greet)(new Request('http://localhost/', { headers }));
const error: unknown = await server.introspect('usher_at_x', 'user').catch((thrown) => thrown);
console.log(response.status, error instanceof ResourceServerError && error.code);
`;

test('plain Node calls it', async () => {
  const file = join(project, 'main.ts');
  writeFileSync(file, main);
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: project });
  expect([stdout.trim(), stderr]).toEqual(['503 unreachable', '']);
});

test('TypeScript reads its declarations, and the examples of the README with them', async () => {
  const readme = readFileSync(join(root, 'src/resource-server/README.md'), 'utf8');
  const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code);
  expect(examples).toHaveLength(3);
  const files = [main, ...examples].map((code, n) => {
    writeFileSync(join(project, `example-${n}.ts`), code);
    return `example-${n}.ts`;
  });
  for (const name of ['koa', '@koa', '@types']) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--types', 'node'];
  const { stdout } = await run(process.execPath, [tsc, ...options, ...files], {
    cwd: project,
  }).catch((failed: { stdout: string }) => failed);
  expect(stdout).toBe('');
});

test('it holds nothing but itself, and imports nothing but Node', () => {
  const files = globSync('**/*', { cwd: installed, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(installed.length + 1));
  const own = files.filter((file) => file !== 'package.json' && file !== 'README.md');
  expect(own.length).toBeGreaterThan(10);
  for (const file of own) {
    expect(file).toMatch(/^dist\/resource-server\/[a-z-]+(\.js|\.d\.ts)$/);
    const text = readFileSync(join(installed, file), 'utf8');
    for (const [, target] of text.matchAll(/\b(?:from|import) ?\(?'([^']+)'/g)) {
      expect(target, file).toMatch(/^(node:[a-z/]+|\.\/[a-z-]+\.(js|ts))$/);
    }
  }
});
