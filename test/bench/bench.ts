/**
 * What a run of the benchmark has, and what every kind of candidate adds to it.
 *
 * @module
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomSecret, type SecretPrefix } from '../../src/lib/secrets.ts';
import { asker, basic } from './actors.ts';
import type { AskedToken } from './asked-tokens.ts';
import type { Cleanup } from './cleanup.ts';
import type { Cluster } from './cluster.ts';
import type { Load } from './load.ts';
import type { Options } from './options.ts';
import type { Server } from './server.ts';

/** What all candidates share. */
export interface Bench {
  readonly options: Options;
  readonly cluster: Cluster;
  readonly cleanup: Cleanup;
  /** For files, gone with the run. */
  readonly directory: string;
  /** The tokens that every candidate is asked about. */
  readonly asked: readonly AskedToken[];
}

/** One kind of request to one server. */
export interface Candidate {
  readonly name: string;
  readonly server: Server;
  /** What the next run sends: codes and refresh tokens are new each time. */
  nextLoad(): Load;
}

/** Candidates that share a server. */
export interface Group {
  readonly names: readonly string[];
  prepare(bench: Bench): Promise<Candidate[]>;
}

/** How long each candidate is called before anything is measured. */
export const warmUpSeconds = 2;

/** Introspection of the asked tokens; every candidate is sent the same bodies. */
export function introspection(
  { asked }: Pick<Bench, 'asked'>,
  path: string,
  expected: readonly string[] = ['"active":true'],
): Load {
  const bodies = asked.map(
    ({ token, branch }) => `token=${token}&token_type_hint=access_token&resource=${branch}`,
  );
  return { path, headers: formOf(basic(asker)), order: 'random', bodies, expected };
}

/** The headers of a form, with the client's authentication. */
export function formOf(authorization: string): Record<string, string> {
  return { authorization, 'content-type': 'application/x-www-form-urlencoded' };
}

/** @returns new secrets of one kind. */
function secrets(prefix: SecretPrefix, count: number): string[] {
  return Array.from({ length: count }, () => randomSecret(prefix));
}

/** Codes or refresh tokens for all runs of a candidate: each run takes its own. */
export interface Stock {
  readonly all: readonly string[];
  /** @returns what the next run may use. */
  take(): readonly string[];
}

/** So many codes a second are more than a server on one processor can take. */
const codesPerSecond = 5_000;

/** Codes enough that no run comes to their end. */
export function codeStock({ options: { rounds, seconds } }: Bench, prefix: SecretPrefix): Stock {
  const inRun = codesPerSecond * Math.max(seconds, warmUpSeconds);
  return createStock(secrets(prefix, inRun * (rounds + 1)), inRun);
}

/** The first refresh token of four chains a connection; the answers bring the rest. */
export function refreshStock({ options }: Bench, prefix: SecretPrefix): Stock {
  const inRun = 4 * options.connections;
  return createStock(secrets(prefix, inRun * (options.rounds + 1)), inRun);
}

function createStock(all: readonly string[], inRun: number): Stock {
  let next = 0;
  return {
    all,
    take() {
      next += inRun;
      return all.slice(next - inRun, next);
    },
  };
}

/** Writes JSON for a candidate to read. @returns the path. */
export function writeJson({ directory }: Bench, name: string, value: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}
