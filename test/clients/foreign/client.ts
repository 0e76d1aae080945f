/** What a foreign client is, and how one is run: as a program that opens addresses and says what it did. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Person } from './person.ts';
import type { Usher } from './usher.ts';

/** What every client does, in its own words to us: each is said once it has been done and checked. */
const everyStep = [
  'discovery',
  'authorization',
  'token',
  'id_token',
  'userinfo',
  'refresh',
  'introspection',
  'revocation',
] as const;

export interface ForeignClient {
  readonly name: string;
  /** Programs (found in PATH) and files that have to be there. */
  readonly needs: readonly string[];
  /** The program and its words, run in the directory of `programs`. */
  readonly command: readonly [string, ...string[]];
  /** Steps beside those of every client. */
  readonly steps?: readonly string[];
  /** Steps of every client that it cannot do. */
  readonly without?: readonly string[];
}

/** How it went; a client that was skipped or failed says why. */
export type Outcome =
  | { readonly result: 'passed' }
  | { readonly result: 'skipped' | 'failed'; readonly why: string };

const programs = join(import.meta.dirname, 'programs');
const timeout = 120_000;

/** Runs one against a server, with a person at the browser. */
export async function runClient(
  client: ForeignClient,
  usher: Usher,
  person: Person,
): Promise<Outcome> {
  const absent = absentOf(client.needs);
  if (absent.length > 0) return { result: 'skipped', why: `${absent.join(', ')} not found` };
  const { code, steps, complaint } = await runProgram(client, usher.settings, person);
  if (code !== 0) return { result: 'failed', why: complaint };
  const expected = everyStep.filter((step) => !client.without?.includes(step));
  const left = [...expected, ...(client.steps ?? [])].filter((step) => !steps.has(step));
  if (left.length > 0) return { result: 'failed', why: `it did not do: ${left.join(', ')}` };
  return { result: 'passed' };
}

/** The program prints `open ADDRESS` and reads where the browser ended; and `did STEP`. */
async function runProgram(
  { command: [program, ...words] }: ForeignClient,
  settings: Readonly<Record<string, string>>,
  person: Person,
): Promise<{ code: number | null; steps: Set<string>; complaint: string }> {
  const child = spawn(program, words, {
    cwd: programs,
    env: { ...process.env, ...settings },
    timeout,
  });
  const steps = new Set<string>();
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.stdin.on('error', () => {}); // it ended before it read the answer
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
    child.once('error', ({ message }) => {
      complaint += message;
      resolve(null);
    });
  });
  for await (const line of createInterface(child.stdout)) {
    const [word = '', rest = ''] = line.split(' ', 2);
    if (word === 'did') steps.add(rest);
    if (word === 'open') child.stdin.write(`${await person.authorize(rest)}\n`);
  }
  return { code: await exited, steps, complaint };
}

/** @returns those of some programs and files that are not there. */
export function absentOf(needs: readonly string[]): string[] {
  return needs.filter((need) => !isThere(need));
}

function isThere(need: string): boolean {
  if (need.includes('/')) return existsSync(need);
  return (process.env['PATH'] ?? '').split(delimiter).some((at) => existsSync(join(at, need)));
}
