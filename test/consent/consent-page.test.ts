/** The consent page: what it shows and to whom, as a browser without JavaScript meets it. */

import { describe, expect, test } from 'vitest';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { readPreselection } from '../../src/consent/preselection.ts';
import { newId, printId } from '../../src/lib/ids.ts';
import type { Fields } from '../support/user-agent.ts';
import {
  allow,
  analytics,
  askFor,
  browser,
  choose,
  database,
  ended,
  entries,
  evil,
  firstFound,
  input,
  open,
  read,
  request,
  scope,
  send,
  server,
  shop,
  ticked,
  tree,
  useConsentSite,
} from './consent-site.ts';
import { run } from './tree.ts';

useConsentSite();

describe('the page', () => {
  test('says who asks, where it leads, and who is signed in', async () => {
    const { status, html } = await open();
    expect(status).toBe(200);
    expect(html).toContain('Reports asks for access');
    expect(html).toContain('By Vault');
    expect(html).toContain('You’ll be sent to <strong>app.test</strong>');
    expect(html).toMatch(/Signed in as <strong>member<\/strong>[\s\S]*Switch account/);
    expect(html).toContain('It also learns which account is yours.');
    expect(html).toContain('Unused, it ends after 30 days, and after 365 days at the latest');
    expect(html).not.toContain('Not verified');
  });

  test('says an address once that is the name, too', async () => {
    await run(database.db, 'update accounts set name = email where id = $1', tree.member);
    expect((await open()).html).toMatch(/Signed in as <strong>[^<]*@[^<]*<\/strong>\s+<a/);
  });

  test('marks an application that registered itself', async () => {
    askFor({ clientId: tree.wild });
    const { html } = await open();
    expect(html).toContain('Not verified');
    expect(html).toContain('Unknown publisher');
  });

  test('starts with nothing ticked beyond reading the profile, whatever is asked', async () => {
    askFor({ scope: `${scope} user:write_user user:read_organizations` });
    expect(ticked((await open()).html)).toEqual(['scope-user-read_user']);
    askFor({ scope: 'user:write_user database:write_members' });
    expect(ticked((await open()).html)).toEqual([]);
  });

  test('groups what is asked by what it does, the most dangerous first', async () => {
    askFor({
      scope:
        'database:delete_database database:write_members branch:manage_passwords database:read_branches organization:read_branches branch:write_branch',
    });
    const { html } = await open();
    const headings = Array.from(html.matchAll(/scope-group-name">([^<]+)</g), ([, text]) => text);
    expect(headings).toEqual([
      'Open the data itself',
      'Delete',
      'Change who has access',
      'Change',
      'View',
    ]);
    // One line for what is said in the same words, with its names.
    expect(html).toContain('value="organization:read_branches database:read_branches"');
    expect(html).toContain('<code class="quiet">database:read_branches</code>');
  });

  test('closes what can be given nowhere, and says what it would take and whom to ask', async () => {
    const { html } = await open();
    expect(input(html, 'scope-database-write_members')).toContain('disabled');
    expect(html).toContain(
      'Needs the role Database Administrator on a database of Acme. Ask admin.',
    );
    expect(input(html, 'scope-database-read_branches')).not.toContain('disabled');
  });

  test('says beside a resource what cannot be given there', async () => {
    askFor({
      scope: 'database:write_members database:read_branches',
      accountId: tree.dba,
    });
    const { html } = await open();
    expect(html).toContain('1 of 2 requested permissions available to you here');
    expect(html).toContain('Needs the role Database Administrator on acme-');
    expect(input(html, 'scope-database-write_members')).not.toContain('disabled');
  });

  test('opens branches where only a branch can take what is asked, production marked', async () => {
    askFor({ scope: 'branch:write_branch' });
    const { html } = await open();
    const main = printId('branch', tree.main);
    expect(input(html, main)).toContain('disabled');
    expect(input(html, printId('branch', tree.staging))).not.toContain('disabled');
    expect(html).toMatch(/\/shop\/main <span class="badge badge-production">production<\/span>/);
    expect(html).toMatch(/\/shop\/staging <span class="badge badge-muted">development<\/span>/);
    // What can be picked comes first.
    expect(html.indexOf(printId('branch', tree.staging))).toBeLessThan(html.indexOf(main));
  });

  test('closes the box for production where the role reaches none there', async () => {
    askFor({ scope: 'database:write_branches' });
    const { html } = await open();
    expect(input(html, `${shop()}.production`)).toContain('disabled');
    askFor({ accountId: tree.admin });
    expect(input((await open()).html, `${shop()}.production`)).not.toContain('disabled');
    askFor({ scope: 'database:write_members' });
    expect(input((await open()).html, `${shop()}.production`)).toBe('');
  });

  test('offers nothing to press but Cancel when nothing can be given', async () => {
    askFor({ scope: 'openid database:write_members' });
    const { html } = await open();
    expect(html).toContain('You don’t have the roles Reports needs.');
    expect(html).not.toContain('value="allow"');
    expect(html).toContain('value="cancel"');
    askFor({ accountId: tree.dba });
    expect((await open()).html).toContain('value="allow"');
    askFor({ accountId: tree.stranger, scope: 'openid' });
    expect((await open()).html).toContain('value="allow"');
    askFor({
      accountId: tree.stranger,
      scope: 'user:read_user database:read_branches',
    });
    expect((await open()).html).toContain('You’re in no organization yet');
  });

  test('labels every box, each with an id of its own', async () => {
    const { html } = await open();
    const boxes = Array.from(
      html.matchAll(/<input type="checkbox"[^>]*\bid="([^"]+)"/g),
      ([, id]) => id,
    );
    const labels = Array.from(html.matchAll(/<label [^>]*\bfor="([^"]+)"/g), ([, id]) => id);
    expect(boxes.length).toBeGreaterThan(6);
    expect(html.match(/type="checkbox"/g)).toHaveLength(boxes.length);
    expect(labels.filter((id) => id !== 'search' && id !== 'ends')).toEqual(boxes);
    expect(new Set(boxes).size).toBe(boxes.length);
  });

  test('shows names as text, whatever they hold', async () => {
    await run(database.db, 'update clients set name = $2 where id = $1', tree.app, evil);
    await run(database.db, 'update organizations set name = $1', evil);
    await run(database.db, 'update accounts set name = $1', evil);
    await allow(await open(), [shop()]);
    for (const path of [`/interaction/${request.uid}/consent?`, '/account/applications']) {
      const { html } = await browser.get(path);
      expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(html).not.toContain('<img src=x');
      expect(html).not.toContain('alert(1)>"');
    }
  });

  test('may be framed by nobody, runs no inline script, and leads to this server only', async () => {
    const { headers, html } = await open();
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("form-action 'self';");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/<script>|\son\w+="|\sstyle="/);
  });

  test('is compressed, with another token and of another length each time', async () => {
    const address = `${server.issuer}/interaction/${request.uid}/consent`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(address, { headers: { 'accept-encoding': 'gzip' } })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    const tokens = texts.map((text) => /name="token" value="([^"]+)"/.exec(text)?.[1]);
    expect(new Set(tokens).size).toBe(20);
    expect(new Set(texts.map(({ length }) => length)).size).toBeGreaterThan(2);
    for (const { headers } of answers) {
      expect(headers.get('content-encoding')).toBe('gzip');
      expect(headers.get('vary')).toContain('Accept-Encoding');
    }
    const plain = await fetch(address, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('is nobody’s whose request it is not', async () => {
    expect((await browser.get('/interaction/another/consent')).status).toBe(404);
  });

  test('is not shown to an account that was suspended meanwhile', async () => {
    await run(database.db, "update accounts set status = 'suspended' where id = $1", tree.member);
    expect((await open()).status).toBe(404);
  });
});

describe('what the application wishes', () => {
  const wish = (ids: readonly string[], more: object = {}) => {
    const elements = ids.map((identifier) => ({ type: 'usher', identifier, production: true }));
    const details = JSON.stringify(elements);
    return readPreselection({ scope: request.scope, authorization_details: details, ...more });
  };
  const ask = (ids: readonly string[], more?: object) => {
    askFor({ scope: read, preselection: wish(ids, more) });
  };

  test('is ticked for one that somebody answers for, without production, and Allow takes it', async () => {
    ask([shop()]);
    const page = await open();
    expect(ticked(page.html)).toEqual(
      expect.arrayContaining([shop(), 'scope-database-read_branches']),
    );
    expect(ticked(page.html)).toHaveLength(2);
    expect((await send(page, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('of a verified one ticks no production branch, but lists it first', async () => {
    const main = printId('branch', tree.main);
    askFor({ accountId: tree.dba, scope: 'branch:read_branch' });
    askFor({ preselection: wish([main]) });
    const { html } = await open();
    expect(ticked(html)).toEqual([]);
    expect(firstFound(html)).toBe(main);
  });

  test('only comes first for one that nobody verified', async () => {
    askFor({ clientId: tree.wild });
    for (const id of [shop(), analytics()]) {
      ask([id]);
      const { html } = await open();
      expect(ticked(html)).toEqual([]);
      expect(firstFound(html)).toBe(id);
      expect(html.split(`id="${id}"`)).toHaveLength(2);
    }
  });

  test('is nothing where the user cannot see it, as where there is none', async () => {
    const unreachable = printId('database', tree.ledger);
    askFor({ scope: read });
    const plain = (await open()).html;
    for (const id of [unreachable, unreachable.replace(/.$/, (c) => (c === '0' ? '1' : '0'))]) {
      ask([id]);
      const { html } = await open();
      expect(html).not.toContain(id);
      expect(ticked(html)).toEqual(ticked(plain));
      expect(firstFound(html)).toBe(firstFound(plain));
    }
  });

  test('is ticked beside what stands, which is left as it is', async () => {
    askFor({ scope: read });
    await allow(await open(), [shop()]);
    const more = 'database:read_backups';
    askFor({ scope: `${read} ${more}` });
    askFor({ preselection: wish([analytics()]) });
    const page = await open();
    expect(ticked(page.html)).toEqual(expect.arrayContaining([shop(), analytics()]));
    await send(page, 'allow');
    expect(await entries()).toEqual([`analytics ${more}`, `shop ${read}`]);
  });

  test('with one resource wished for, one is ticked and more are refused', async () => {
    ask([shop(), analytics()], { single_resource: 'true' });
    const page = await open();
    expect(ticked(page.html)).toContain(shop());
    expect(firstFound(page.html)).toBe(analytics());
    const refused = await allow(page, [analytics()]);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('This app works with one resource. Choose one.');
    expect(ticked(refused.html)).toEqual(expect.arrayContaining([shop(), analytics()]));
    expect(await entries()).toEqual([]);
    await send(refused, 'allow', (fields) => fields.filter(([, value]) => value !== analytics()));
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('with one resource wished for, it is one also once more is asked', async () => {
    const more = 'database:read_backups';
    ask([], { single_resource: 'true' });
    await allow(await open(), [shop()], [read]);
    askFor({ scope: `${read} ${more}`, preselection: wish([], { single_resource: 'true' }) });
    const page = await open();
    expect(ticked(page.html)).toContain(shop());
    const other = (fields: Fields) => fields.filter(([name]) => name !== 'pick');
    await send(page, 'allow', (fields) => choose([analytics()], [more])(other(fields)));
    expect(await entries()).toEqual([`analytics ${read} ${more}`]);
  });
});

test('the page says how many resources can be chosen; of more it keeps as many as there is room for', async () => {
  askFor({ scope: read });
  const page = await open();
  expect(page.html).toContain(`up to ${mostEntries}`);
  const ids = Array.from({ length: 3000 }, () => printId('database', newId()));
  const refused = await allow(page, [shop(), ...ids]);
  expect(refused.status).toBe(422);
  expect(refused.html).toContain(`You can choose at most ${mostEntries}.`);
  expect(input(refused.html, shop())).toContain('checked');
  expect(ended).toEqual([]);
  expect((await send(refused, 'allow')).status).toBe(303);
  expect(await entries()).toEqual([`shop ${read}`]);
});
