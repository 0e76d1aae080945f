/** What the guide to the platform's own accounts says is what the program does. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { basePath } from '../../src/api/management/base-path.ts';
import { routes } from '../../src/api/management/routes.ts';
import { readCommandLine } from '../../src/operator/command-line.ts';
import { backchannelOf, callbackOf, signedOutOf } from '../../src/upstream/addresses.ts';
import { handOffWay } from '../../src/web/sign-in/ways-in.ts';

const guide = readFileSync(join(import.meta.dirname, '../../config/own-accounts.md'), 'utf8');
const commands = Array.from(guide.matchAll(/^npm run operator -- (.+)$/gm), (hit) => hit[1] ?? '');

test('it has commands', () => {
  expect(commands.length).toBeGreaterThan(2);
});

test.each(commands)('the command line understands: %s', (line) => {
  expect(readCommandLine(line.split(' ')).kind).toBe('command');
});

test.each([callbackOf, signedOutOf, backchannelOf])(
  'the address to register is the one that is served: %o',
  (addressOf) => {
    expect(guide).toContain(`\`${addressOf('https://usher.example.com', 'acme')}\``);
  },
);

test('the hand-off is at the address that it names, with the members and reasons that it names', () => {
  const row = routes.find(({ id }) => id === 'nameSignIn');
  const [method, path = ''] = row?.address.split(' ') ?? [];
  expect(guide).toContain(
    `${method} ${basePath}${path.replace('{challenge}', 'usher_challenge_')}`,
  );
  const { shape } = (row?.body ?? z.object({})) as z.ZodObject;
  for (const member of Object.keys(shape)) expect(guide).toContain(`| \`${member}\` |`);
  for (const reason of row?.conflicts ?? []) expect(guide).toContain(`\`${reason}\``);
  const { path: begin } = handOffWay('https://console.example.com/usher');
  expect(guide).toContain(`https://usher.example.com${begin}/finish?answer=`);
});
