/** `/metrics` on a port of its own: what is counted, with labels that nobody outside can add to. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { newId } from '../../src/lib/ids.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { putMail } from '../../src/storage/people/mail-outbox.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { freePort } from '../support/free-port.ts';
import { type Program, runProgramFile, serving } from '../support/program.ts';
import { startTestServer } from '../support/server.ts';

/** @returns the value of one line, undefined where there is no such line. */
function metric(text: string, line: string): number | undefined {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

const requests = (endpoint: string, outcome: string) =>
  `usher_requests_total{endpoint="${endpoint}",outcome="${outcome}"}`;

describe('a process with METRICS_PORT', () => {
  const directory = mkdtempSync(join(tmpdir(), 'usher-metrics-'));
  let program: Program;
  let issuer: string;
  let scrape: () => Promise<string>;

  beforeAll(async () => {
    const [port, metricsPort] = [await freePort(), await freePort()];
    issuer = `http://localhost:${port}`;
    scrape = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const settings = { PORT: String(port), METRICS_PORT: String(metricsPort) };
    program = runProgramFile('main.ts', [], { ...settings, DATA_DIRECTORY: directory });
    await serving(program);
  });
  afterAll(async () => {
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    rmSync(directory, { recursive: true, force: true });
  });

  async function introspect(secret: string): Promise<number> {
    const authorization = `Basic ${Buffer.from(`demo-api:${secret}`).toString('base64')}`;
    const body = new URLSearchParams({ token: 'usher_at_nothing' });
    const url = `${issuer}/oauth/introspect`;
    return (await fetch(url, { method: 'POST', headers: { authorization }, body })).status;
  }

  test('counts requests by route and outcome, by the fast path and the library', async () => {
    expect(await introspect('demo-api-secret')).toBe(200);
    expect(await introspect('demo-api-secret')).toBe(200);
    expect(await introspect('wrong')).toBe(401);
    await fetch(`${issuer}/oauth/jwks`);
    await fetch(`${issuer}/api/v1/organizations`);
    const text = await scrape();
    expect(metric(text, requests('POST /oauth/introspect', 'success'))).toBe(2);
    expect(metric(text, requests('POST /oauth/introspect', 'denied'))).toBe(1);
    expect(metric(text, requests('GET /oauth/jwks', 'success'))).toBe(1);
    expect(metric(text, requests('GET /api/v1/organizations', 'denied'))).toBe(1);
  });

  test('no address, query or method of a stranger becomes a label', async () => {
    for (const path of [
      '/nothing-here',
      '/invitations/a-secret',
      '/interaction/a-secret',
      '/oauth/no',
    ]) {
      await fetch(`${issuer}${path}?state=a-secret`);
      await fetch(`${issuer}${path}`, { method: 'PROPFIND' });
    }
    const text = await scrape();
    expect(text).not.toMatch(/a-secret|nothing-here|PROPFIND/);
    expect(metric(text, requests('GET none', 'refused'))).toBeGreaterThan(0);
  });

  test('shows pools, lanes, hashes, mail, the event loop and the sweeper', async () => {
    const text = await scrape();
    for (const pool of ['deciding', 'reading', 'writing']) {
      for (const state of ['busy', 'idle', 'waiting']) {
        const line = `usher_database_connections{pool="${pool}",state="${state}"}`;
        expect(metric(text, line), line).toBeGreaterThanOrEqual(0);
      }
    }
    for (const name of ['usher_introspection_lanes', 'usher_password_hashes']) {
      expect(metric(text, `${name}{state="running"}`)).toBe(0);
      expect(metric(text, `${name}{state="waiting"}`)).toBe(0);
    }
    expect(metric(text, 'usher_mail_outbox{state="waiting"}')).toBe(0);
    expect(metric(text, 'usher_mail_outbox_oldest_seconds')).toBe(0);
    expect(metric(text, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(text).toContain('# TYPE usher_sweeper_runs_total counter');
  });

  test('serves nothing else there, and no metrics at the public port', async () => {
    expect((await fetch(`${issuer}/metrics`)).status).toBe(404);
  });
});

describe('without METRICS_PORT', () => {
  const server = forAllTests(startTestServer);

  test('a waiting mail is counted as soon as somebody counts', async () => {
    const metrics = await createMetrics();
    const { countMail } = await import('../../src/storage/people/mail-outbox.ts');
    const none = { running: 0, waiting: 0 };
    const { db } = server.database;
    metrics.watch({
      pools: db.load,
      lanes: () => none,
      hashing: () => none,
      outbox: () => countMail(db),
    });
    await putMail(db, 'invitation', newId());
    const text = await metrics.print();
    expect(metric(text, 'usher_mail_outbox{state="waiting"}')).toBe(1);
    expect(metric(text, 'usher_mail_outbox_oldest_seconds')).toBeGreaterThan(0);
  });

  test('the port has to be another one', () => {
    expect(() => readConfig({ PORT: '3000', METRICS_PORT: '3000' })).toThrow(/METRICS_PORT: /);
    expect(readConfig({}).metricsPort).toBeUndefined();
  });
});

test('a sweep that failed and one that was done are told apart', async () => {
  const metrics = await createMetrics();
  metrics.countSweep(true);
  metrics.countSweep(false);
  metrics.countSweep(false);
  const text = await metrics.print();
  expect(metric(text, 'usher_sweeper_runs_total{outcome="success"}')).toBe(1);
  expect(metric(text, 'usher_sweeper_runs_total{outcome="error"}')).toBe(2);
  expect(metric(text, 'usher_sweeper_last_success_timestamp_seconds')).toBeGreaterThan(0);
});
