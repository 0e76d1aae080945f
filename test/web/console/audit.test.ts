/** The audit log in the browser: each event a sentence, filters, pages, details, export. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { branchActs, databaseActs, organizationActs } from '../../../src/organizations/acts.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { eventKey, eventSentence } from '../../../src/web/console/audit-sentence.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import { texts } from '../../support/texts.ts';
import { sendForm, textOf } from './console-people.ts';

const root = join(import.meta.dirname, '../../..');

/** Every kind of event that the code can write. */
function kinds(): string[] {
  const files = globSync('src/**/*.ts', { cwd: root });
  const written = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const named = [
      ...text.matchAll(/\baction: (?:\w+ \? )?'([a-z_]+\.[a-z_]+)'(?: : '([a-z_]+\.[a-z_]+)')?/g),
      ...text.matchAll(/\bconst act = '([a-z_]+\.[a-z_]+)'/g),
      ...text.matchAll(/\b(?:suspended|active): '([a-z_]+\.[a-z_]+)'/g),
    ];
    return named.flatMap(([, one, other]) => [one, other].filter((kind) => kind !== undefined));
  });
  const acts = [organizationActs, databaseActs, branchActs].flatMap((table) => Object.keys(table));
  const synced = ['database', 'branch', 'member', 'member_removal', 'database_role'];
  return [...new Set([...written, ...acts, ...synced.map((type) => `${type}.synced`)])].sort();
}

test('there are kinds of events of each subject', () => {
  expect(kinds().length).toBeGreaterThan(80);
  for (const kind of ['member.removed', 'sign_in.refused', 'account.suspended', 'branch.synced']) {
    expect(kinds()).toContain(kind);
  }
});

test.each(kinds())('%s has a sentence, done and refused', (action) => {
  const file = join(root, 'views/messages/en/audit-events.json');
  const written: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'));
  expect(Object.keys(written)).toContain(eventKey(action).slice('audit-events.'.length));
  const at = new Date(0);
  const blank = {
    id: '1',
    at,
    action,
    actorAccountId: undefined,
    actorClientId: undefined,
    organizationId: undefined,
    before: undefined,
    after: undefined,
    address: undefined,
    userAgent: undefined,
  };
  const event = { ...blank, actorEmail: 'ada@acme.test', subject: 'user_1' };
  for (const outcome of ['done', 'refused'] as const) {
    const sentence = eventSentence(texts.in('en'), { ...event, outcome }, new Map());
    expect(sentence).toMatch(/^ada@acme\.test \w/);
    expect(sentence).not.toContain(action);
    expect(sentence.includes('tried to')).toBe(outcome === 'refused');
    const german = eventSentence(texts.in('de'), { ...event, outcome }, new Map());
    expect(german).toMatch(/^ada@acme\.test (?:hat|konnte|wurde) /);
    expect(german.includes('hat versucht')).toBe(outcome === 'refused');
  }
});

describe('the page', () => {
  const server = forAllTests(startTestServer);
  const admin = forAllTests(() => signedInAs(server, 'admin@acme.test'));
  beforeAll(async () => {
    const page = await admin.get('/organizations/acme/databases');
    const made = await sendForm(admin, page, '/databases', { slug: 'logged' });
    const path = new URL(made.url).pathname;
    const access = await admin.get(`${path}/access`);
    await sendForm(admin, access, '/access', {
      email: 'member@acme.test',
      role: 'database_reader',
    });
  });

  const read = (query = '') => admin.get(`/organizations/acme/audit${query}`);

  test('says what happened by the names of today, with details', async () => {
    const text = textOf(await read());
    expect(text).toContain('admin@acme.test created the database logged');
    expect(text).toContain('admin@acme.test made member@acme.test Read-only of logged');
    expect(text).toContain('database_role.given');
    expect(text).toContain('127.0.0.1');
  });

  test('is filtered by person, kind, thing and time', async () => {
    const says = async (query: string) =>
      textOf(await read(query)).includes('created the database logged');
    const [row] = await server.database.db.query<{ id: string }>(
      statement(`select id from databases where slug = 'logged'`),
    );
    const id = printId('database', row?.id ?? '');
    const day = (days: number) =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const answers = await Promise.all(
      [
        '?person=admin@acme.test',
        '?kind=databases',
        `?subject=${id}`,
        `?since=${day(0)}&until=${day(0)}`,
        '?person=dba@acme.test',
        '?person=nobody@acme.test',
        '?kind=teams',
        '?subject=db_0',
        '?app=demo-app',
        `?since=${day(1)}`,
        `?until=${day(-1)}`,
      ].map(says),
    );
    expect(answers).toEqual([true, true, true, true, ...Array(7).fill(false)]);
  });

  test('what is no filter counts as none, and a place in another list is refused', async () => {
    expect((await read('?kind=__proto__&since=x&until=2026-99-99')).status).toBe(200);
    expect((await read('?after=x')).status).toBe(422);
  });

  test('goes on page by page to the oldest event, each once', async () => {
    await server.database.db.query(
      statement(`insert into audit_events (action, organization_id, subject)
        select 'team.created', o.id, 'team_' || n from organizations o, generate_series(1, 90) n
         where o.slug = 'acme'`),
    );
    const seen: string[] = [];
    let next: string | undefined = '/organizations/acme/audit?kind=teams';
    while (next !== undefined) {
      const page: Awaited<ReturnType<typeof read>> = await admin.get(next);
      seen.push(...Array.from(page.html.matchAll(/>(team_\d+)</g), ([, id]) => id ?? ''));
      next = /rel="next" href="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(new Set(seen).size).toBeGreaterThanOrEqual(90);
  });

  test('leads to the export with the same person and time', async () => {
    const { html } = await read('?person=admin@acme.test');
    const href = /href="([^"]+format=csv[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const file = await admin.get(href);
    expect([file.status, file.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('csv'),
    ]);
    expect(file.html).toContain('database.created');
  });

  test('leads to the export of what it shows: kind and app, too', async () => {
    const exported = async (query: string) => {
      const { html } = await read(query);
      const href =
        /href="([^"]+format=jsonl[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const file = await admin.get(href);
      expect(file.status).toBe(200);
      const lines = file.html.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as { action: string; application?: string });
    };
    const teams = await exported('?kind=teams');
    expect(teams.length).toBeGreaterThanOrEqual(90);
    expect(teams.filter(({ action }) => !action.startsWith('team.'))).toEqual([]);
    await server.database.db.query(
      statement(`insert into audit_events (action, organization_id, subject, actor_client_id)
        select 'database.renamed', id, 'db_1', 'demo-app' from organizations where slug = 'acme'`),
    );
    const byApp = await exported('?app=demo-app&kind=databases');
    expect(byApp.map(({ action, application }) => [action, application])).toEqual([
      ['database.renamed', 'demo-app'],
    ]);
  });
});
