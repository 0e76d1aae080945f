/** Two processes behind Debian's HAProxy and nginx, restarted in turns under load: no request breaks. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDemo } from '../../src/demo/seed.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  type Certificates,
  makeCertificates,
  onlyWithPackage,
  startService,
} from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';

const restarts = Number(process.env['FAULT_ROUNDS'] ?? 2);
const workers = 12;

const samples = {
  haproxy: {
    program: '/usr/sbin/haproxy',
    file: 'haproxy.cfg',
    place: (text: string, port: number, { both }: Certificates) =>
      text.replace('bind :443', `bind 127.0.0.1:${port}`).replace('/etc/haproxy/usher.pem', both),
    words: (file: string) => ['-db', '-f', file],
  },
  nginx: {
    program: '/usr/sbin/nginx',
    file: 'nginx.conf',
    place: (text: string, port: number, { certificate, key }: Certificates, directory: string) =>
      text
        .replace('listen 443', `listen 127.0.0.1:${port}`)
        .replace('/etc/nginx/usher.crt', certificate)
        .replace('/etc/nginx/usher.key', key)
        .replace('/run/nginx.pid', join(directory, 'nginx.pid'))
        .replace('/var/log/nginx/error.log', join(directory, 'error.log')),
    words: (file: string) => ['-c', file, '-g', 'daemon off;'],
  },
} as const;

describe.each(Object.values(samples))('$file', ({ program, file, place, words }) => {
  describe(...onlyWithPackage(`before two processes`, program), () => {
    const directory = mkdtempSync(join(tmpdir(), 'usher-rolling-'));
    let database: TestDatabase;
    let certificates: Certificates;
    let issuer: string;
    let port: number;
    let ports: [number, number];
    const processes: Program[] = [];

    beforeAll(async () => {
      database = await openTestDatabase();
      certificates = makeCertificates(directory);
      port = await freePort();
      ports = [await freePort(), await freePort()];
      issuer = `https://localhost:${port}`;
      await seedDemo(database.db, issuer);
      for (const index of [0, 1]) processes[index] = await started(index);
    });
    afterAll(async () => {
      for (const { child } of processes) child.kill('SIGKILL');
      await Promise.all(processes.map(({ exited }) => exited));
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    });

    async function started(index: number): Promise<Program> {
      const launched = runProgramFile('main.ts', [], {
        ISSUER: issuer,
        NODE_ENV: 'production',
        DATABASE_URL: database.address.connection.connectionString ?? '',
        USHER_KEY: testUsherKey,
        TRUST_PROXY: '1',
        LOG_LEVEL: 'warn',
        PORT: String(ports[index]),
      });
      await serving(launched);
      return launched;
    }

    test(`answers every request through ${restarts} restarts`, async () => {
      const sample = readFileSync(join('config/deploy', file), 'utf8');
      const own = join(directory, file);
      const placed = place(sample, port, certificates, directory)
        .replace('127.0.0.1:3001', `127.0.0.1:${ports[0]}`)
        .replace('127.0.0.1:3002', `127.0.0.1:${ports[1]}`);
      writeFileSync(own, placed);
      const proxy = await startService(program, words(own), port);
      const load = startLoad(port, readFileSync(certificates.ca, 'utf8'));
      try {
        for (let round = 0; round < restarts; round += 1) {
          const index = round % 2;
          await load.answered(200);
          const leaving = processes[index];
          leaving?.child.kill('SIGTERM');
          await expect
            .poll(async () => (await fetch(`http://127.0.0.1:${ports[index]}/readyz`)).status)
            .toBe(503);
          expect(await leaving?.exited).toBe(0);
          await load.answered(200); // the other one alone
          processes[index] = await started(index);
        }
        await load.answered(200);
      } finally {
        await load.stop();
        await proxy.stop();
      }
      expect(load.broken).toEqual([]);
    });
  });
});

interface Load {
  readonly broken: readonly string[];
  /** Waits for so many more answers. */
  answered(count: number): Promise<void>;
  stop(): Promise<void>;
}

const authorization = `Basic ${Buffer.from('demo-api:demo-api-secret').toString('base64')}`;

/** Asks one question after the other on kept connections: of programs, and of browsers. */
function startLoad(port: number, ca: string): Load {
  const agent = new Agent({ keepAlive: true, ca });
  const broken: string[] = [];
  let count = 0;
  let isStopped = false;
  const work = async (number: number) => {
    for (let turn = number; !isStopped; turn += 1) {
      const outcome = await (turn % 3 === 0 ? getPage(agent, port) : introspect(agent, port));
      if (outcome !== 'ok') broken.push(outcome);
      count += 1;
    }
  };
  const running = Promise.all(Array.from({ length: workers }, (_, number) => work(number)));
  return {
    broken,
    answered: async (more) => {
      const target = count + more;
      await expect.poll(() => count, { timeout: 60_000 }).toBeGreaterThanOrEqual(target);
    },
    stop: async () => {
      isStopped = true;
      await running;
      agent.destroy();
    },
  };
}

function getPage(agent: Agent, port: number): Promise<string> {
  return send(agent, { port, path: '/scopes.json' }, undefined, /"scopes"|\[/);
}

function introspect(agent: Agent, port: number): Promise<string> {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const wanted = { port, path: '/oauth/introspect', method: 'POST', headers };
  return send(agent, wanted, 'token=usher_at_nothing', /^\{"active":false\}$/);
}

function send(
  agent: Agent,
  wanted: { port: number; path: string; method?: string; headers?: Record<string, string> },
  body: string | undefined,
  expected: RegExp,
): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host: 'localhost', ...wanted, agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', (error) => resolve(`answer broken: ${error.message}`));
      response.on('end', () => {
        const isRight = response.statusCode === 200 && expected.test(text);
        resolve(isRight ? 'ok' : `${response.statusCode} ${text.slice(0, 80)}`);
      });
    });
    asked.on('error', (error) => resolve(`request broken: ${error.message}`));
    asked.end(body);
  });
}
