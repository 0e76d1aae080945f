/** What a test needs of Debian: a server from a package, and certificates made by openssl. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onlyOnPostgres } from './database.ts';

/** As `onlyOnPostgres`, for a suite that also runs a program of a Debian package. */
export function onlyWithPackage(
  title: string,
  program: string,
): [string, { skip: boolean; timeout: number }] {
  const timeout = 180_000;
  const [named, { skip }] = onlyOnPostgres(title, 'several processes need a server');
  if (skip || existsSync(program)) return [named, { skip, timeout }];
  return [`${title} (skipped: ${program} is not installed)`, { skip: true, timeout }];
}

/** A server for the name `localhost` and the address 127.0.0.1, signed by a CA of its own. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key in one file. */
  readonly both: string;
}

/** Makes them in a directory. @returns their paths. */
export function makeCertificates(directory: string): Certificates {
  const [ca, caKey, request, certificate, key, both, names] = [
    'ca.crt',
    'ca.key',
    'server.csr',
    'server.crt',
    'server.key',
    'both.pem',
    'names',
  ].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const openssl = (...words: string[]) =>
    execFileSync('/usr/bin/openssl', words, { stdio: 'ignore' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout'];
  openssl('req', '-x509', ...newKey, caKey, '-out', ca, '-subj', '/CN=Test CA', '-days', '2');
  openssl('req', ...newKey, key, '-out', request, '-subj', '/CN=localhost');
  writeFileSync(names, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', names, '-days', '2'];
  openssl('x509', '-req', '-in', request, '-out', certificate, ...signing);
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  return { ca, certificate, key, both };
}

/** A program that runs until it is stopped. */
export interface Service {
  /** What it wrote to standard error. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program in the foreground; resolves when it takes connections on the port. */
export async function startService(
  program: string,
  words: readonly string[],
  port: number,
  user: { uid?: number; gid?: number } = {},
  endingSignal: NodeJS.Signals = 'SIGTERM',
): Promise<Service> {
  const child = spawn(program, words, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  while (!(await takesConnections(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { output: () => text, stop: () => stopChild(child, endingSignal) };
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
