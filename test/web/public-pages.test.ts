/** The pages for everybody: the first one and the catalogue. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scopes } from '../../src/catalogue/scopes.ts';
import { scopeWords } from '../../src/catalogue/words.ts';
import { addAccount, password } from '../accounts/people.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { openTestBrowser } from './test-browser.ts';
import { startTestSite } from './test-site.ts';

const site = forAllTests(startTestSite);

test('the first page offers to sign in, or shows who is signed in', async () => {
  const { email } = await addAccount(site.db);
  const browser = openTestBrowser(site.issuer);
  expect((await browser.open('/')).text).toContain('href="/sign-in?next=/"');
  await browser.open('/sign-in');
  await browser.send('/sign-in', { email, password });
  expect((await browser.open('/')).text).toContain('/organizations');
  expect((await browser.open('/organizations')).text).toContain(email);
});

test('/scopes shows every scope once', async () => {
  const { text } = await openTestBrowser(site.issuer).open('/scopes');
  for (const { scope } of scopes) expect(text.split(`<tr id="${scope}">`), scope).toHaveLength(2);
});

test('/scopes says each scope in plain words, and as it is published', async () => {
  const { text } = await openTestBrowser(site.issuer).open('/scopes');
  for (const scope of scopes) {
    const row = text.split(`<tr id="${scope.scope}">`)[1]?.split('</tr>')[0];
    expect(row).toContain(scopeWords(scope));
    expect(row).toContain(scope.description.replaceAll("'", '&#39;'));
  }
});

test('no two scopes of a level are said in the same words, and none in its code', () => {
  for (const [level, rows] of Map.groupBy(scopes, (scope) => scope.level)) {
    const said = rows.map((row) => scopeWords(row));
    expect(new Set(said).size, level).toBe(rows.length);
    for (const words of said) expect(words).toMatch(/^[A-Z][^_]*[^.]$/);
  }
});

test('/scopes says where a kind of branch makes a difference', async () => {
  const { text } = await openTestBrowser(site.issuer).open('/scopes');
  const row = text.split('<tr id="database:delete_branches">')[1]?.split('</tr>')[0];
  expect(row).toContain('Development branches: ');
  expect(row).toContain('Production branches: Never allowed');
});

test('/scopes.json holds the whole catalogue', async () => {
  const response = await fetch(`${site.issuer}/scopes.json`);
  const published = (await response.json()) as { scopes: unknown[] };
  expect(published.scopes).toHaveLength(scopes.length);
  expect(published.scopes[0]).toEqual({
    scope: 'user:read_user',
    level: 'user',
    name: 'read_user',
    description: 'Read user',
    acts_on: 'user',
    requires: [],
    origin: 'published',
  });
});

const views = globSync('**/*.ejs', { cwd: join(import.meta.dirname, '../../views') });

test.each(views)(
  '%s writes nothing unescaped but a part of the page, and no style or script',
  (view) => {
    const text = readFileSync(join(import.meta.dirname, '../../views', view), 'utf8');
    const raw = [...text.matchAll(/<%-\s*(.*?)\s*%>/gs)].map((hit) => hit[1] ?? '');
    for (const written of raw) expect(written).toMatch(/^(include\(|t\.html\('[a-z0-9.-]+'[,)])/);
    // A mail has its style in itself: no reader of mail fetches one.
    const page = view.startsWith('mail/') ? text.replace(/<style>.*<\/style>/s, '') : text;
    expect(page).not.toMatch(
      /\sstyle=|\son[a-z]+=|<style|<script(?! src="\/(?:assets|api\/docs)\/)|https?:\/\//,
    );
  },
);
