/** The SDK as others get it: packed, installed elsewhere, called by plain Node, read by TypeScript. */

import { execFile } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
const work = mkdtempSync(join(tmpdir(), 'usher-sdk-'));
const [copy, project] = [join(work, 'copy'), join(work, 'project')];
const installed = join(project, 'node_modules/usher');

beforeAll(async () => {
  copyOfWhatIsPacked();
  await run('npm', ['pack', '--pack-destination', work], { cwd: copy });
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const [tarball = ''] = globSync('usher-*.tgz', { cwd: work });
  await run('npm', ['install', '--offline', join(work, tarball)], { cwd: project });
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Packing changes `package.json` for its time, which other tests read. */
function copyOfWhatIsPacked(): void {
  for (const name of [
    'package.json',
    'README.md',
    'tsconfig.json',
    'config',
    'src/resource-server',
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

test('it brings no other package, and packing leaves everything as it was', () => {
  expect(
    readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
  ).toEqual(['usher']);
  const [before, after] = [root, copy].map((at) => readFileSync(join(at, 'package.json'), 'utf8'));
  expect(after).toBe(before);
});

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

/** What is newer than Node 20, of what the SDK could have used. */
const withoutNewer = `
delete Promise.withResolvers; delete Promise.try; delete URL.parse; delete Array.fromAsync;
delete Object.groupBy; delete Map.groupBy; delete globalThis.Iterator;
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
for (const name of Object.getOwnPropertyNames(iterators)) delete iterators[name];
for (const name of ['union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf']) {
  delete Set.prototype[name];
}
`;

/** Plain JavaScript: a question alone, and some that travel together. */
const plainMain = `
import { createResourceServer } from 'usher/resource-server';
import { createServer } from 'node:http';

const answer = (token) => ({ active: token === 'usher_at_x', iss: issuer, sub: 'user_1',
  client_id: 'app', token_type: 'Bearer', iat: 1, exp: 2, scope: 'user:read_user',
  resource: { type: 'user', identifier: 'user_1', path: 'user' } });
const usher = createServer(async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  const { questions } = req.url.startsWith('/access') ? JSON.parse(body) : {};
  const told = questions ? { answers: questions.map(({ token }) => answer(token)) }
    : answer(new URLSearchParams(body).get('token'));
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(told));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => usher.once('listening', resolve));
const issuer = 'http://127.0.0.1:' + usher.address().port;

const server = createResourceServer({ issuer, clientId: 'api', clientSecret: 'secret',
  url: 'http://localhost:8080', onFailure: console.error });
const mayRead = server.requireScope('user:read_user', { resource: () => 'user' });
const mayWrite = server.requireScope('user:write_user', { resource: () => 'user' });
const ask = async (guard, token) => {
  const headers = { authorization: 'Bearer ' + token };
  const verdict = await guard(new Request('http://localhost/', { headers }));
  return verdict.ok ? 200 : verdict.response.status;
};
console.log(await ask(mayRead, 'usher_at_x'));
console.log(...await Promise.all([ask(mayRead, 'usher_at_x'), ask(mayWrite, 'usher_at_x'),
  ask(mayRead, 'usher_at_y')]));
server.close();
usher.close();
`;

test('it uses nothing that Node 20 lacks', async () => {
  writeFileSync(join(project, 'without-newer.mjs'), withoutNewer);
  writeFileSync(join(project, 'plain-main.mjs'), plainMain);
  const options = ['--import', './without-newer.mjs', 'plain-main.mjs'];
  const { stdout, stderr } = await run(process.execPath, options, { cwd: project });
  expect([stdout, stderr]).toEqual(['200\n200 403 401\n', '']);
  const { engines } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(engines).toEqual({ node: '>=20' });
});

test('TypeScript reads its declarations, and the examples of the README with them', async () => {
  const readme = readFileSync(join(root, 'src/resource-server/README.md'), 'utf8');
  const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code);
  expect(examples).toHaveLength(7);
  const files = [main, ...examples].map((code, n) => {
    writeFileSync(join(project, `example-${n}.ts`), code);
    return `example-${n}.ts`;
  });
  for (const name of ['koa', '@koa', 'express', 'fastify', '@types']) {
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
  const read = ['package.json', 'README.md', 'dist/resource-server/README.md'];
  expect(files).toEqual(expect.arrayContaining(read));
  const own = files.filter((file) => !read.includes(file));
  expect(own.length).toBeGreaterThan(10);
  for (const file of own) {
    expect(file).toMatch(/^dist\/resource-server\/[a-z-]+(\.js|\.d\.ts)$/);
    const text = readFileSync(join(installed, file), 'utf8');
    for (const [, target] of text.matchAll(/\b(?:from|import) ?\(?'([^']+)'/g)) {
      expect(target, file).toMatch(/^(node:[a-z/]+|\.\/[a-z-]+\.(js|ts))$/);
    }
  }
});
