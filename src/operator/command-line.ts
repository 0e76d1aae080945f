/**
 * Reads a command line of the operators: which command, with which words and options; or the help.
 *
 * @module
 */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type Command, CommandError, type Given, type Option, type Subject } from './command.ts';
import { commandHelp, overview, subjectHelp, usage } from './help.ts';
import { subjects } from './subjects.ts';

/** A command line that can be followed. */
export type CommandLine =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly given: Given;
      /** Whether the result is to be printed as JSON. */
      readonly json: boolean;
    };

/** Options that every command has. */
const commonOptions: Readonly<Record<string, Option>> = {
  json: { help: 'print the result as JSON' },
  help: { help: 'show this help and do nothing' },
};

/** The option of commands that are done in the name of an operator. */
const asOption: Readonly<Record<string, Option>> = {
  as: {
    value: 'EMAIL',
    help: 'the operator in whose name it is done; needed when there is more than one',
  },
};

/**
 * Reads the words after `npm run operator --`.
 *
 * @throws {CommandError} there is no such command, or its words or options are wrong.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const wantsHelp = args.includes('--help') || args.includes('-h');
  const [noun = '', verb = ''] = args.filter((word) => !word.startsWith('-'));
  const subject = ownEntry(subjects, noun);
  if (subject === undefined)
    return helpOr(wantsHelp || args[0] === 'help', overview(subjects), noun);
  const command = ownEntry(subject.commands, verb);
  if (command === undefined) {
    return helpOr(wantsHelp, subjectHelp(noun, subject), `${noun} ${verb}`);
  }
  const name = `${noun} ${verb}`;
  if (wantsHelp) return { kind: 'help', text: commandHelp(name, command, optionsOf(command)) };
  return { kind: 'command', command, ...readGiven(name, command, args) };
}

/** What is inherited by every object is no command. */
function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function helpOr(wantsHelp: boolean, text: string, asked: string): CommandLine {
  if (wantsHelp) return { kind: 'help', text };
  const what = asked.trim() === '' ? 'Name a command.' : `There is no command "${asked.trim()}".`;
  throw new CommandError(`${what}\n\n${text}`);
}

function optionsOf({ options = {}, byOperator }: Command): Readonly<Record<string, Option>> {
  return { ...options, ...(byOperator ? asOption : {}), ...commonOptions };
}

function readGiven(name: string, command: Command, args: readonly string[]) {
  const refuse = (what: string) => new CommandError(`${what}\nUsage: ${usage(name, command)}`);
  const { positionals, values } = parse(args, optionsOf(command), refuse);
  const words = positionals.slice(2);
  checkWords(words, command.words, refuse);
  return { given: givenOf(words, values), json: values['json'] === true };
}

function parse(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
  refuse: (what: string) => CommandError,
) {
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { value, multiple = false }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple },
    ]),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: config });
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

function checkWords(
  words: readonly string[],
  wanted: Subject['commands'][string]['words'],
  refuse: (what: string) => CommandError,
): void {
  const missing = wanted.find(
    (word, index) => !word.startsWith('[') && (words[index] ?? '') === '',
  );
  if (missing !== undefined) throw refuse(`${missing.replace('...', '')} is missing.`);
  const isOpen = wanted.at(-1)?.endsWith('...') === true;
  if (!isOpen && words.length > wanted.length) {
    throw refuse(`"${words[wanted.length]}" is one word too many. Quote a name with spaces.`);
  }
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function givenOf(words: readonly string[], values: Values): Given {
  const all = (option: string) =>
    [values[option] ?? []].flat().filter((value) => typeof value === 'string');
  return {
    words,
    text: (option) => all(option)[0],
    texts: all,
    has: (flag) => values[flag] === true,
  };
}
