/** Debian's Apache with some settings, in a directory of its own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';

const program = '/usr/sbin/apache2';
const moduleFile = (name: string) => `/usr/lib/apache2/modules/mod_${name}.so`;
const base = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir'];

export interface Apache {
  readonly origin: string;
  stop(): Promise<void>;
}

/** What a test needs to be there. */
export function apacheFiles(module: string): string[] {
  return [program, moduleFile(module)];
}

/**
 * Starts it with one more module; `/app` and `/api` are pages that say their name.
 *
 * @param settings makes the module's settings, for the server's origin and a directory it may write.
 */
export async function startApache(
  module: string,
  settings: (origin: string, directory: string) => string,
): Promise<Apache> {
  const directory = mkdtempSync(join(tmpdir(), 'usher-apache-'));
  const origin = `http://localhost:${await freePort()}`;
  layOut(directory);
  const at = (name: string) => join(directory, name);
  writeFileSync(
    at('conf'),
    `${serverSettings(directory, new URL(origin).port, [...base, module])}
${settings(origin, at('writable'))}`,
  );
  const log = openSync(at('log'), 'a');
  const apache = spawn(program, ['-f', at('conf'), '-DFOREGROUND'], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const stop = async () => {
    if (apache.exitCode === null) {
      apache.kill('SIGTERM');
      await once(apache, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  };
  while (!(await answers(origin))) {
    if (apache.exitCode !== null)
      throw new Error(`Apache ended: ${readFileSync(at('log'), 'utf8')}`);
    await pause(50);
  }
  return { origin, stop };
}

/** Apache's children are another user where it is started by root. */
function layOut(directory: string): void {
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, 'writable'));
  chmodSync(join(directory, 'writable'), 0o777);
  for (const name of ['app', 'api']) {
    mkdirSync(join(directory, 'pages', name), { recursive: true });
    writeFileSync(join(directory, 'pages', name, 'index.html'), `the page ${name}`);
  }
}

function serverSettings(directory: string, port: string, modules: readonly string[]): string {
  return `
ServerRoot ${directory}
DefaultRuntimeDir ${directory}/writable
PidFile ${directory}/pid
Mutex file:${directory}/writable default
ErrorLog ${directory}/log
Listen 127.0.0.1:${port}
ServerName localhost:${port}
DocumentRoot ${directory}/pages
DirectoryIndex index.html
User nobody
Group nogroup
${modules.map((name) => `LoadModule ${name}_module ${moduleFile(name)}`).join('\n')}`;
}

async function answers(origin: string): Promise<boolean> {
  try {
    await fetch(origin, { redirect: 'manual' });
    return true;
  } catch {
    return false;
  }
}
