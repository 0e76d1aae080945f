/**
 * What `--help` prints: all commands, those of a subject, or one with its options and an example.
 *
 * @module
 */

import { type Command, exitCodes, type Option, type Subject } from './command.ts';

const program = 'npm run operator --';

/** @returns how a command is written, such as `operator add EMAIL [options]`. */
export function usage(name: string, { words }: Command): string {
  return [program, name, ...words, '[options]'].join(' ');
}

/** @returns every command with what it does, and the exit codes. */
export function overview(subjects: Readonly<Record<string, Subject>>): string {
  const lines = Object.entries(subjects).flatMap(([name, { commands }]) => linesOf(name, commands));
  return [
    `Usage: ${program} SUBJECT COMMAND ...`,
    '',
    ...columns(lines),
    '',
    `${program} SUBJECT COMMAND --help shows the options of a command and an example.`,
    '',
    ...codes(),
    '',
  ].join('\n');
}

/** @returns the commands of one subject. */
export function subjectHelp(name: string, { summary, commands }: Subject): string {
  return [summary, '', ...columns(linesOf(name, commands)), ''].join('\n');
}

/** @returns one command: how it is written, its options, an example. */
export function commandHelp(
  name: string,
  command: Command,
  options: Readonly<Record<string, Option>>,
): string {
  const lines = Object.entries(options).map(([option, { value, help, multiple }]): Line => {
    const written = value === undefined ? `--${option}` : `--${option} ${value}`;
    return [written, multiple === true ? `${help}; can be given more than once` : help];
  });
  return [
    `Usage: ${usage(name, command)}`,
    '',
    command.summary,
    '',
    'Options:',
    ...columns(lines),
    '',
    'Example:',
    `  ${program} ${command.example}`,
    '',
    ...codes(),
    '',
  ].join('\n');
}

type Line = readonly [left: string, right: string];

function linesOf(noun: string, commands: Subject['commands']): Line[] {
  return Object.entries(commands).map(([verb, { words, summary }]) => [
    [noun, verb, ...words].join(' '),
    summary,
  ]);
}

function columns(lines: readonly Line[]): string[] {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function codes(): string[] {
  return [
    'Exit codes:',
    ...columns([
      ['0', 'done, or there was nothing to change'],
      [String(exitCodes.failed), 'Usher or its database cannot be used'],
      [String(exitCodes.usage), 'the command line is wrong'],
      [String(exitCodes.notFound), 'what it names does not exist'],
      [String(exitCodes.notAllowed), 'the person named by --as is no active operator'],
      [String(exitCodes.refused), 'refused, for the reason printed'],
    ]),
  ];
}
