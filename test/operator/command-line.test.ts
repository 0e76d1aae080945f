/** The operators' command line as a program: help, exit codes, JSON, and tables that are older. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CommandError } from '../../src/operator/command.ts';
import { readCommandLine } from '../../src/operator/command-line.ts';
import { subjects } from '../../src/operator/subjects.ts';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'usher-operator-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the program on an embedded database of its own. */
function run(words: readonly string[], program = 'operator.ts') {
  const args = [join(root, 'src', program), ...words];
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIRECTORY: directory };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root, env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const everyCommand = Object.entries(subjects).flatMap(([noun, { commands }]) =>
  Object.entries(commands).map(([verb, command]) => ({ name: `${noun} ${verb}`, command })),
);

describe('help', () => {
  test('lists every command', () => {
    const line = readCommandLine(['--help']);
    const text = line.kind === 'help' ? line.text : '';
    for (const { name } of everyCommand) expect(text).toContain(`  ${name}`);
  });

  test.each(everyCommand)('of $name shows an example that it understands', ({ name, command }) => {
    const line = readCommandLine([...name.split(' '), '--help']);
    const text = line.kind === 'help' ? line.text : '';
    expect(text).toContain(`npm run operator -- ${command.example}`);
    for (const option of Object.keys(command.options ?? {})) expect(text).toContain(`--${option}`);
    const words = command.example.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', ''));
    const read = readCommandLine(words ?? []);
    expect(read).toMatchObject({ kind: 'command', command });
  });

  test('takes no database', async () => {
    const { code, out } = await run(['account', 'suspend', '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: npm run operator -- account suspend EMAIL/);
    expect(out).toMatch(/Exit codes:/);
  });
});

describe('what is wrong is said with the usage', () => {
  test.each([
    ['nothing', [], /Name a command/],
    ['an unknown subject', ['frobnicate', 'add'], /no command "frobnicate"/],
    ['a name that every object has', ['constructor', 'add'], /no command "constructor"/],
    ['an unknown command', ['operator', 'toString'], /no command "operator toString"/],
    ['a missing word', ['operator', 'add'], /EMAIL is missing/],
    ['an empty word', ['operator', 'add', ''], /EMAIL is missing/],
    ['a word too many', ['resource-server', 'add', 'Shop', 'API'], /"API" is one word too many/],
    ['an unknown option', ['operator', 'list', '--force'], /--force/],
    ['an option without its value', ['resource-server', 'add', 'A', '--audience'], /--audience/],
  ])('%s', (_what, args, said) => {
    expect(() => readCommandLine(args)).toThrow(said);
    expect(() => readCommandLine(args)).toThrow(CommandError);
  });
});

describe('the program', () => {
  test('does not migrate: it says which command to run', async () => {
    const { code, err } = await run(['operator', 'list']);
    expect(code).toBe(1);
    expect(err).toMatch(/lacks .* that this version of Usher needs.*npm run migrate/s);
    expect(err).not.toMatch(/^ +at /m);
  });

  test('ends with a code that says how it went', async () => {
    expect((await run([], 'migrate.ts')).code).toBe(0);
    expect(await run(['operator', 'add', 'nobody'])).toMatchObject({ code: 2 });
    const beyond = await run(['operator', 'add', 'ada@exämple.com']);
    expect([beyond.code, beyond.err]).toEqual([
      2,
      expect.stringContaining('ada@xn--exmple-cua.com'),
    ]);
    expect(await run(['account', 'suspend', 'a@example.test'])).toMatchObject({ code: 4 });
    expect(await run(['operator', 'add', 'ada@example.test'])).toMatchObject({ code: 0 });
    expect(await run(['account', 'suspend', 'b@example.test'])).toMatchObject({ code: 3 });
    expect(await run(['resource-server', 'add', 'x', '--audience', 'y'])).toMatchObject({
      code: 5,
    });
    const listed = await run(['operator', 'list', '--json']);
    expect(JSON.parse(listed.out)).toMatchObject({
      outcome: 'listed',
      operators: [{ email: 'ada@example.test', status: 'active' }],
    });
    expect((await run(['operator', 'list'])).out).toMatch(
      /^EMAIL +ACCOUNT +STATUS +ADDED AT\nada@/,
    );
  }, 600_000); // eight processes, one after the other
});
