/** How a process leaves on SIGTERM: not ready first, then drained, and by its deadline whatever hangs. */

import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onlyOnPostgres, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';
import { testUsherKey } from '../support/server.ts';
import { type DatabaseProxy, startProxy } from '../support/tcp-proxy.ts';

describe(...onlyOnPostgres('SIGTERM', 'the embedded database does not drain'), () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let port: number;
  beforeAll(async () => {
    database = await openTestDatabase();
    proxy = await startProxy(database.address);
  });
  afterAll(async () => {
    await proxy.close();
    await database.close();
  });

  async function started(settings: Record<string, string>): Promise<Program> {
    port = await freePort();
    const program = runProgramFile('main.ts', [], {
      DATABASE_URL: proxy.address.connection.connectionString ?? '',
      USHER_KEY: testUsherKey,
      PORT: String(port),
      ...settings,
    });
    await serving(program);
    return program;
  }

  function get(agent: Agent, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, agent }, (response) => {
        response.resume();
        response.on('end', () => resolve(response));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  test('answers on, with Connection: close and 503 at /readyz, and then ends', async () => {
    const program = await started({ DRAIN_SECONDS: '3' });
    const agent = new Agent({ keepAlive: true });
    expect((await get(agent, '/scopes.json')).headers.connection).toBe('keep-alive');
    program.child.kill('SIGTERM');
    const ready = () => get(agent, '/readyz').then(({ statusCode }) => statusCode);
    await expect.poll(ready, { interval: 20 }).toBe(503);
    const answer = await get(agent, '/scopes.json');
    expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close']);
    expect(await program.exited).toBe(0);
    await expect(get(agent, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a connection whose request comes after the listening socket closed is answered', async () => {
    const program = await started({ DRAIN_SECONDS: '1' });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /scopes.json HTTP/1.1\r\nHost: localhost\r\n');
    program.child.kill('SIGTERM');
    const refused = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => '',
        () => 'refused',
      );
    await expect.poll(refused, { timeout: 20_000, interval: 20 }).toBe('refused');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.write('\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(await program.exited).toBe(0);
  });

  test('ends by the deadline, and says so, while the database hangs and a request waits', async () => {
    const program = await started({ DRAIN_SECONDS: '0', STOP_SECONDS: '2' });
    proxy.silenceAll();
    const waiting = fetch(`http://127.0.0.1:${port}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` },
      body: new URLSearchParams({ token: 'usher_at_0' }),
    }).catch(() => 'cut');
    const health = await fetch(`http://127.0.0.1:${port}/healthz`); // the server has read the other one
    expect(health.status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain('not stopped by the deadline');
    await waiting;
    proxy.restore();
  });

  test('SIGINT does not drain, and a second signal ends at once', async () => {
    const program = await started({ DRAIN_SECONDS: '10' });
    program.child.kill('SIGTERM');
    const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status);
    await expect.poll(ready, { interval: 20 }).toBe(503);
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    const interrupted = await started({ DRAIN_SECONDS: '10' });
    interrupted.child.kill('SIGINT');
    expect(await interrupted.exited).toBe(0);
  });
});
