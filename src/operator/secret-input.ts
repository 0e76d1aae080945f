/**
 * Secrets that a command is given: on the command line they would be in the shell's history and in the list
 * of processes, so they come from a file, or from the standard input.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { CommandError, type Context, type Given } from './command.ts';

/** The option that names a file. */
export const fromFile = {
  file: { value: 'FILE', help: 'read it from this file instead of the standard input' },
} as const;

/**
 * @returns the word that was given; without one, or for `-`, what `--file` or the standard input holds.
 * @throws {CommandError} nothing is there, or the file cannot be read.
 */
export async function readSecretWord(
  { input = () => process.stdin }: Context,
  given: Given,
): Promise<string> {
  const [word = '-'] = given.words;
  const file = given.text('file');
  if (word !== '-') {
    if (file !== undefined) throw new CommandError('Give it in one way: as a word, or by --file');
    return word;
  }
  const read = file === undefined ? await text(input()) : readText(file);
  if (read.trim() === '') throw new CommandError(`${file ?? 'The standard input'} is empty`);
  return read.trim();
}

/** @throws {CommandError} it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
