/** What the guide to the platform's own accounts says is what the program does. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCommandLine } from '../../src/operator/command-line.ts';
import { backchannelOf, callbackOf, signedOutOf } from '../../src/upstream/addresses.ts';

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
