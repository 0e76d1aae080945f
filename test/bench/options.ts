/**
 * The command line of the benchmark.
 *
 *   npm run bench                                   every candidate, one table
 *   npm run bench -- --only limit,usher:introspect  some of them
 *   npm run bench -- --tokens 1m                    on a database of so many tokens
 *   npm run bench -- --grow [--sizes 10k,1m,10m]    introspection by the number of tokens; also `grow`
 *   npm run bench -- api                            the management API in a large organization
 *   npm run bench -- pages                          the pages of a person with much to choose from
 *   npm run bench -- profile usher:introspect       where the server's time goes
 *
 * @module
 */

import { parseArgs } from 'node:util';

/** What is done. */
type Command = 'table' | 'grow' | 'profile' | 'api' | 'pages';

/** How it is done. */
export interface Options {
  readonly command: Command;
  /** What `profile` looks at. */
  readonly subject: string | undefined;
  readonly connections: number;
  /** How long one measured run of one candidate takes. */
  readonly seconds: number;
  readonly rounds: number;
  /** Candidates by name; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** How many tokens the database holds (`table`, `profile`). */
  readonly tokens: number;
  /** The sizes that `grow` compares. */
  readonly sizes: readonly number[];
  readonly isJson: boolean;
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const units = { '': 1, k: 1_000, m: 1_000_000 } as const;

/** @throws {UsageError} naming the argument. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const [command = values.grow ? 'grow' : 'table', subject] = positionals;
  if (!isCommand(command)) throw new UsageError(`unknown command: ${command}`);
  return {
    command,
    subject,
    connections: count(values.connections),
    seconds: count(values.seconds),
    rounds: count(values.rounds),
    only: values.only?.split(','),
    tokens: count(values.tokens),
    sizes: values.sizes.split(',').map(count),
    isJson: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        connections: { type: 'string', default: '32' },
        seconds: { type: 'string', default: '3' },
        rounds: { type: 'string', default: '3' },
        only: { type: 'string' },
        grow: { type: 'boolean', default: false },
        tokens: { type: 'string', default: '10k' },
        sizes: { type: 'string', default: '10k,1m,10m' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function isCommand(text: string): text is Command {
  return ['table', 'grow', 'profile', 'api', 'pages'].includes(text);
}

/** `10k` is ten thousand, `1m` a million. */
function count(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9})([km]?)$/.exec(text) ?? [];
  const value = Number(digits) * units[unit as keyof typeof units];
  if (value < 1) throw new UsageError(`not a number above 0: ${text}`);
  return value;
}
