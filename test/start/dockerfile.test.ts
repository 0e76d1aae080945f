/** The image has all that is read at run time: Usher starts from what the Dockerfile copies, and serves pages. */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');
const image = mkdtempSync(join(tmpdir(), 'usher-image-'));
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
let program: Program;
let address: string;

beforeAll(async () => {
  for (const [, words = ''] of dockerfile.matchAll(/^COPY (.+)$/gm)) {
    const paths = words.split(' ');
    const target = paths.pop() ?? '';
    for (const path of paths) {
      const to = target.endsWith('/') ? join(image, target, path) : join(image, target);
      cpSync(join(root, path), to, { recursive: true });
    }
  }
  symlinkSync(join(root, 'node_modules'), join(image, 'node_modules'));
  const port = await freePort();
  address = `http://localhost:${port}`;
  const settings = { PORT: String(port), DATA_DIRECTORY: join(image, 'data') };
  program = runProgramFile('main.ts', [], settings, image);
  await serving(program);
});
afterAll(async () => {
  program.child.kill('SIGTERM');
  await program.exited;
  rmSync(image, { recursive: true, force: true });
});

test.each(['/', '/sign-in', '/scopes', '/scopes.json', '/demo', '/api/docs', '/api/openapi.json'])(
  '%s is served',
  async (path) => {
    expect((await fetch(address + path)).status).toBe(200);
  },
);

test('the health check of the image asks for readiness', async () => {
  const [, command = ''] = /^HEALTHCHECK .*\\\n\s*(\[.*\])$/m.exec(dockerfile) ?? [];
  const [, path = ''] = /^ENV HEALTHCHECK_PATH=(\S+)$/m.exec(dockerfile) ?? [];
  expect(path).toBe('/readyz');
  expect(JSON.parse(command)[2]).toMatch(/process\.env\.PORT\}\$\{process\.env\.HEALTHCHECK_PATH/);
  expect((await fetch(address + path)).status).toBe(200);
});
