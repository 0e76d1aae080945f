/**
 * Runs a command of the operators' command line.
 *
 * Whoever reaches the database's address may name operators; all else is done in the name of one,
 * and is in the audit log.
 *
 * @module
 */

import { CommandError, type Context, type Result } from './command.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { doneOrThrow, toCommandError } from './outcomes.ts';

/**
 * @returns what came of it, to be printed; a secret in it is shown this once.
 * @throws {CommandError} it was not done.
 */
export async function runParsed(
  context: Context,
  { command, given }: Extract<CommandLine, { kind: 'command' }>,
): Promise<Result> {
  try {
    return doneOrThrow(await command.run(context, given));
  } catch (error) {
    throw toCommandError(error);
  }
}

/**
 * Reads a command line and runs it.
 *
 * @throws {CommandError} it cannot be understood, asks for help only, or was not done.
 */
export async function runCommand(context: Context, args: readonly string[]): Promise<Result> {
  const line = readCommandLine(args);
  if (line.kind === 'help') throw new CommandError(line.text);
  return runParsed(context, line);
}
