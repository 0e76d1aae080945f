/** Searching on the consent page, by form and by script. */

import { beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { type Fields, fill, type Page } from '../support/user-agent.ts';
import {
  allow,
  analytics,
  askFor,
  browser,
  choose,
  database,
  ended,
  entries,
  input,
  open,
  read,
  request,
  send,
  server,
  shop,
  tree,
  useConsentSite,
} from './consent-site.ts';
import { run } from './tree.ts';

useConsentSite();

describe('a search', () => {
  const look = (page: Page, text: string, ids: readonly string[] = []) =>
    send(page, 'search', (fields) => fill(choose(ids)(fields), 'search', text));

  beforeEach(() => {
    askFor({ scope: 'database:read_branches database:delete_branches' });
    return run(
      database.db,
      `insert into databases (id, organization_id, slug)
       select gen_random_uuid(), $1, 'zz-' || n from generate_series(1, 60) n`,
      tree.acme,
    );
  });

  test('keeps what is picked, first, and finds ten at a time', async () => {
    const first = await open();
    expect(first.html).toContain('62 databases');
    expect(first.html).toContain('Showing 1–10.');
    const found = await look(first, 'ZZ acme', [shop()]);
    expect(found.html).toContain('60 matches for “ZZ acme”.');
    expect(found.html).toMatch(/<h3 id="results" tabindex="-1" autofocus>/);
    expect(found.html.match(/name="pick"/g)).toHaveLength(11);
    expect(input(found.html, shop())).toContain('checked');
    const second = await send(found, 'search', (fields) => [...fields, ['page', '1']]);
    expect(second.html).toContain('Showing 11–20.');
    const last = await send(found, 'search', (fields) => [...fields, ['page', '5']]);
    expect(last.html).toContain('Showing 51–60.');
    expect(last.html).not.toMatch(/name="page" value="6"/);
  });

  test.each([
    ['shop', 1],
    ['acme-', 62],
    ['aly ics', 1],
    ['%', 0],
    ['\\', 0],
    ['_', 0],
    ['nowhere', 0],
    ['x'.repeat(10_000), 0],
  ])('for %s', async (text, count) => {
    const { status, html } = await look(await open(), text);
    expect(status).toBe(200);
    expect(html).toMatch(count === 0 ? /Nothing matches/ : new RegExp(`>${count} match`));
  });

  test('for what is picked finds nothing else, and says that', async () => {
    const { html } = await look(await open(), 'shop', [shop()]);
    expect(html).toContain('Nothing else matches “shop”. What you’ve already chosen isn’t listed');
  });

  test('opens the branches of a database by its path', async () => {
    askFor({ scope: 'database:read_branches branch:read_branch' });
    const page = await look(await open(), 'shop');
    expect(page.html).toMatch(/name="within" value="acme-\w+\/shop">2 branches/);
    const path = /name="within" value="(acme-\w+\/shop)"/.exec(page.html)?.[1] ?? '';
    const found = await browser.submit(page, (fields) => [...fields, ['within', path]]);
    expect(found.html).toContain(printId('branch', tree.staging));
    expect(found.html).toContain(printId('branch', tree.main));
  });

  test('and what was unpicked stays unpicked', async () => {
    askFor({ scope: read });
    await allow(await open(), [shop(), analytics()]);
    askFor({ isReview: true });
    const left = (fields: Fields) =>
      fill(
        fields.filter(([name, value]) => name !== 'pick' || value !== shop()),
        'search',
        'zz',
      );
    const found = await send(await open(), 'search', left);
    expect(input(found.html, shop())).not.toContain('checked');
    await send(found, 'allow');
    expect(await entries()).toEqual([`analytics ${read}`]);
  });
});

describe('for the script', () => {
  const post = async (step: string, fields: Fields) => {
    const page = await open();
    const token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const body = new URLSearchParams([['token', token], ...fields]);
    return fetch(`${server.issuer}/interaction/${request.uid}/${step}`, {
      method: 'POST',
      headers: { cookie },
      body,
      redirect: 'manual',
    });
  };

  test('a search answers with the results alone, without what is picked', async () => {
    askFor({ scope: read });
    const answer = await post('search', [
      ['search', 'acme'],
      ['pick', shop()],
    ]);
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(html).toContain(analytics());
    expect(html).not.toContain(shop());
    expect(html).not.toMatch(/<html|<form/);
  });

  test('a preview says what would be allowed, and writes nothing', async () => {
    askFor({ scope: read });
    const answer = await post('preview', [
      ['pick', shop()],
      ['scope', read],
    ]);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^\s*<p>/);
    expect(await entries()).toEqual([]);
    expect(ended).toEqual([]);
  });

  test.each(['search', 'preview'])('%s needs the token of the page', async (step) => {
    expect((await post(step, [['token', 'x']])).status).toBe(200); // the first one counts
    const answer = await fetch(`${server.issuer}/interaction/${request.uid}/${step}`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'x' }),
    });
    expect(answer.status).toBe(403);
  });

  test('a preview of a form that no page of ours wrote is refused in words', async () => {
    expect((await post('preview', [['pick', 'db_1']])).status).toBe(403);
    expect((await post('preview', [['scope', 'everything']])).status).toBe(403);
  });

  test('a search leaves out what is no id', async () => {
    askFor({ scope: read });
    const answer = await post('search', [
      ['search', 'acme'],
      ['pick', 'db_1'],
      ['shown', '<b>'],
    ]);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(analytics());
  });

  test.each<[string, () => Fields, RegExp]>([
    ['where and what', () => [], /Choose where, and what \S+ may do/],
    ['where', () => [['scope', read]], /Choose where \S+ may do this/],
    ['what', () => [['pick', shop()]], /Choose what \S+ may do there/],
    [
      'what is there',
      () => [
        ['pick', shop()],
        ['scope', 'branch:write_branch'],
      ],
      /What you turned on isn’t available where you chose/,
    ],
  ])('a preview says what is still to choose: %s', async (_what, fields, said) => {
    askFor({ scope: `${read} branch:write_branch` });
    const answer = await post('preview', fields());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(said);
  });

  test('where only OpenID’s scopes are asked, the page says what is learned', async () => {
    askFor({ scope: 'openid email' });
    const told = /will only learn which account is yours and your email/;
    expect((await open()).html).toMatch(told);
    expect(await (await post('preview', [])).text()).toMatch(told);
  });
});
