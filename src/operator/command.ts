/**
 * What a command of the operators' command line is made of. A subject (`application`) is a file of
 * its own with a table of commands (`add`, `list`, ...); subjects.ts lists the subjects.
 *
 * To add a command, add an entry to its subject's table. Its words, options and help are declared
 * there, so that parsing, `--help` and the messages about wrong input follow from it.
 *
 * @module
 */

import type { Database } from '../storage/engine/database.ts';

/** The exit codes of `npm run operator`; printed by `--help`. */
export const exitCodes = { failed: 1, usage: 2, notFound: 3, notAllowed: 4, refused: 5 } as const;

/** The command was not done; the message says why and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The installation that a command works on. */
export interface Context {
  readonly database: Database;
  /** The address of Usher, without a slash at its end. */
  readonly issuer: string;
  /** Whether the stricter rules of production apply, such as https in redirect URIs. */
  readonly production: boolean;
  /** What wraps the keys of this installation; read only by the command that needs it. */
  readonly usherKey: () => string;
  /** What the command reads instead of the standard input. */
  readonly input?: () => NodeJS.ReadableStream;
}

/** An option of one command. */
export interface Option {
  readonly help: string;
  /** What its value is called in the help, such as `URI`; absent for a flag. */
  readonly value?: string;
  /** Whether it can be given more than once. */
  readonly multiple?: boolean;
}

/** What came with a command, checked against its table entry. */
export interface Given {
  /** The words in the order of `Command.words`; one that is optional can be missing. */
  readonly words: readonly string[];
  /** The value of an option; undefined when it was not given. */
  text(option: string): string | undefined;
  /** The values of an option that can be given more than once. */
  texts(option: string): readonly string[];
  /** Whether a flag was given. */
  has(flag: string): boolean;
}

/** What came of a command: printed as lines, or with `--json` as it is. */
export interface Result {
  /** `created`, `changed`, `unchanged`, `deleted`, `listed`, or why it was not done. */
  readonly outcome: string;
  readonly [name: string]: unknown;
}

/** One command of a subject. */
export interface Command {
  readonly summary: string;
  /** `NAME` is required, `[NAME]` optional, and `NAME...` takes all that follow, at least one. */
  readonly words: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  /** Whether it is done in the name of an operator, and so takes `--as`. */
  readonly byOperator: boolean;
  /** A whole command line after `npm run operator --`. */
  readonly example: string;
  /** @throws {CommandError} it cannot be done. */
  run(context: Context, given: Given): Promise<Result>;
}

/** A kind of thing with its commands. */
export interface Subject {
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
}
