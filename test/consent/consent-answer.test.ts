/** What the consent page is answered with: what Allow stores, and what it refuses. */

import { describe, expect, test } from 'vitest';
import { mostEntries } from '../../src/consent/entry-limit.ts';
import { newId, printId } from '../../src/lib/ids.ts';
import { type Fields, fill } from '../support/user-agent.ts';
import {
  allow,
  analytics,
  askFor,
  choose,
  database,
  ended,
  entries,
  input,
  open,
  read,
  scope,
  send,
  server,
  shop,
  ticked,
  tree,
  useConsentSite,
} from './consent-site.ts';
import { insert, run } from './tree.ts';

useConsentSite();

test('production branches are included where their box is ticked', async () => {
  askFor({ scope: read });
  const page = await open();
  expect(input(page.html, `${shop()}.production`)).not.toContain('checked');
  const both = choose([shop(), analytics()], [read]);
  await send(page, 'allow', (fields) => [...both(fields), [`production:${analytics()}`, 'yes']]);
  const rows = await run<{ slug: string; includes_production: boolean }>(
    database.db,
    `select d.slug, e.includes_production from consent_entries e
      join consents c on c.id = e.consent_id join databases d on d.id = e.database_id
      where c.client_id = $1 order by 1`,
    tree.app,
  );
  expect(rows).toEqual([
    { slug: 'analytics', includes_production: true },
    { slug: 'shop', includes_production: false },
  ]);
  askFor({ isReview: true });
  const again = await open();
  expect(input(again.html, `${analytics()}.production`)).toContain('checked');
  expect(input(again.html, `${shop()}.production`)).not.toContain('checked');
});

describe('Allow', () => {
  const write = 'branch:write_branch';

  test('stores on each picked resource what is ticked for its kind, and goes on', async () => {
    const found = await send(await open(), 'search', (fields) => fill(fields, 'search', 'staging'));
    const page = await allow(found, [shop(), printId('branch', tree.staging)], [read, write]);
    expect(page.url).toBe('https://app.test/callback');
    expect(page.status).toBe(303);
    expect(ended).toEqual(['consented']);
    expect(await entries()).toEqual([`shop ${read}`, `shop ${write}`, 'user user:read_user']);
  });

  test('stores what a resource has of its own', async () => {
    askFor({ scope: `${read} database:delete_branches` });
    const both = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    const own = await send(both, `own ${shop()}`);
    expect(input(own.html, `${shop()}.${read}`)).toContain('checked');
    const changed = (fields: Fields): Fields => [
      ...fields.filter(([name]) => name !== `scope:${shop()}`),
      [`scope:${shop()}`, 'database:delete_branches'],
    ];
    await send(own, 'allow', changed);
    expect(await entries()).toEqual([`analytics ${read}`, 'shop database:delete_branches']);
    askFor({ isReview: true });
    const again = await open();
    expect(ticked(again.html)).toContain(`${shop()}.database:delete_branches`);
    const common = await send(again, `own ${shop()}`);
    expect(common.html).not.toContain(`name="own:${shop()}"`);
  });

  test('gives no more than the page offered, though the role gives more meanwhile', async () => {
    askFor({ scope: `${read} database:write_members`, accountId: tree.dba });
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await insert(database.db, 'database_roles', {
      database_id: tree.analytics,
      account_id: tree.dba,
      organization_id: tree.acme,
      role: 'database_admin',
    });
    await send(page, 'allow', choose([], ['database:write_members']));
    expect(await entries()).toEqual([`analytics ${read}`, `shop database:write_members ${read}`]);
  });

  test('asked again the page shows the present choice, and removes what is unpicked', async () => {
    await allow(await open(), [shop(), analytics()]);
    askFor({ isReview: true });
    const again = await open();
    expect(again.html).toContain('What you turn off here ends at once');
    expect(input(again.html, shop())).toContain('checked');
    await send(again, 'allow', (fields) =>
      fields.filter(([, value]) => value !== shop() || false).concat([['shown', shop()]]),
    );
    expect(await entries()).toEqual([`analytics ${read}`, 'user user:read_user']);
  });

  test('asked for more, the page shows what is new, and the rest stays as it is', async () => {
    askFor({ scope: read });
    await allow(await open(), [shop()]);
    const more = 'database:read_backups';
    askFor({ scope: `${read} ${more}` });
    const page = await open();
    expect(page.html).toContain('Reports asks for more access');
    expect(page.html).toContain('already has access to 1 resource.');
    expect(page.html).not.toContain(`value="${read}"`);
    expect(input(page.html, shop())).toContain('checked');
    expect(ticked(page.html)).toEqual([shop()]);
    await allow(page, [analytics()], [more]);
    expect(await entries()).toEqual([`analytics ${more}`, `shop ${read}`, `shop ${more}`]);
  });

  test('leaves out what is new, and keeps what stands', async () => {
    askFor({ scope: read });
    await allow(await open(), [shop()]);
    askFor({ scope: `${read} database:read_backups` });
    expect((await send(await open(), 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('asked for more, the page shows all where nothing stands of what was asked before', async () => {
    const before = 'database:read_backups';
    askFor({ scope: `${read} ${before}` });
    await allow(await open(), [shop()], [read]);
    askFor({ scope: `openid ${before}` });
    const page = await open();
    expect(page.html).toContain(`value="${before}"`);
    expect((await allow(page, [shop()], [before])).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`, `shop ${before}`]);
  });

  test('asked for more, the page shows all where a resource that was allowed is gone', async () => {
    askFor({ scope: `${read} database:read_backups` });
    await send(await open(), 'allow', (fields) => [
      ...choose([shop(), analytics()])(fields),
      [`own:${shop()}`, 'yes'],
      [`scope:${shop()}`, 'database:read_backups'],
      [`own:${analytics()}`, 'yes'],
      [`scope:${analytics()}`, read],
    ]);
    await run(database.db, 'delete from databases where id = $1', tree.analytics);
    askFor({ scope: `openid ${read} database:read_backups` });
    const page = await open();
    expect(page.html).toContain(`value="${read}"`);
    expect((await send(page, 'allow', choose([], [read]))).status).toBe(303);
    expect(await entries()).toEqual([`shop database:read_backups`, `shop ${read}`]);
  });

  test('with nothing chosen asks again, and stores nothing', async () => {
    const page = await send(await open(), 'allow', (fields) =>
      fields.filter(([name]) => name !== 'scope'),
    );
    expect(page.status).toBe(422);
    expect(page.html).toMatch(
      /id="refused" tabindex="-1" autofocus><p>Nothing would be allowed yet/,
    );
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test.each<[string, (fields: Fields) => Fields, number]>([
    [
      'a foreign database',
      (fields) => choose([printId('database', tree.ledger)], [read])(fields),
      403,
    ],
    ['an id of nothing', choose(['db_1']), 403],
    [
      'a scope of its own that is closed',
      (fields) => [...choose([shop()])(fields), [`scope:${shop()}`, 'database:write_members']],
      403,
    ],
    [
      'a scope of its own that is not asked',
      (fields) => [...choose([shop()])(fields), [`scope:${shop()}`, 'database:read_backups']],
      403,
    ],
    [
      'a scope that is not asked',
      (fields) => choose([shop()], ['database:read_backups'])(fields),
      403,
    ],
    ['a scope of no catalogue', (fields) => choose([shop()], ['everything'])(fields), 403],
    [
      'an end that is not offered',
      (fields) => fill(choose([shop()], [read])(fields), 'ends', '99_years'),
      403,
    ],
    [
      'another token',
      (fields) => fill(choose([shop()], [read])(fields), 'token', 'x'.repeat(43)),
      403,
    ],
  ])('refuses %s', async (_what, change, status) => {
    const page = await send(await open(), 'allow', change);
    expect(page.status).toBe(status);
    expect(ended).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  test('takes nothing of the request from the form', async () => {
    askFor({ scope: read });
    await send(await open(), 'allow', (fields) => [
      ...choose([shop()], [read])(fields),
      ['client_id', tree.wild],
      ['asked', 'database:read_backups'],
    ]);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('promoted while the page was open: 409, and it says so at the branch', async () => {
    askFor({ scope: write });
    const staging = printId('branch', tree.staging);
    const page = await open();
    await run(database.db, 'update branches set production = true where id = $1', tree.staging);
    const again = await allow(page, [staging], [write]);
    expect(again.status).toBe(409);
    expect(again.html).toContain(
      'A branch you chose has changed between production and development',
    );
    expect(again.html).toMatch(
      new RegExp(`id="error-${staging}">This is now a production branch.`),
    );
  });

  test('a role that was lost meanwhile: the error is at the resource, and the choice is kept', async () => {
    askFor({ scope: `${read} database:write_members`, accountId: tree.dba });
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await run(database.db, 'delete from database_roles where account_id = $1', tree.dba);
    const again = await send(page, 'allow', choose([], ['database:write_members']));
    expect(again.status).toBe(403);
    expect(again.html).toContain(`id="error-${shop()}"`);
    expect(input(again.html, shop())).toMatch(/checked autofocus aria-invalid="true"/);
    expect(input(again.html, analytics())).toContain('checked');
    expect(ticked(again.html)).toContain('scope-database-read_branches');
    expect((await send(again, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`analytics ${read}`, `shop ${read}`]);
  });

  test('a resource that was deleted meanwhile is named as gone, and the rest is kept', async () => {
    askFor({ scope: read });
    const page = await send(await open(), 'preview', choose([shop(), analytics()], [read]));
    await run(database.db, 'delete from databases where id = $1', tree.analytics);
    const again = await send(page, 'allow');
    expect(again.status).toBe(403);
    expect(again.html).toMatch(/autofocus><p>One thing you chose is gone/);
    expect(again.html).not.toContain(analytics());
    expect((await send(again, 'allow')).status).toBe(303);
    expect(await entries()).toEqual([`shop ${read}`]);
  });

  test('a form of another account’s page is refused', async () => {
    const page = await open();
    askFor({ accountId: tree.dba });
    expect((await allow(page, [shop()])).status).toBe(403);
  });
});

test('Cancel tells the application, and stores nothing', async () => {
  await send(await open(), 'cancel', choose([shop()], [read]));
  expect(ended).toEqual(['refused: The user did not allow it.']);
  expect(await entries()).toEqual([]);
});

test('"Only look" and "Everything requested" tick what can be given, without a script', async () => {
  askFor({ scope: `${scope} database:delete_branches user:write_user` });
  const picked = await send(await open(), 'look', choose([shop()]));
  expect(ticked(picked.html)).toEqual([
    shop(),
    'scope-user-read_user',
    'scope-organization-read_databases',
    'scope-database-read_branches',
  ]);
  const all = ticked((await send(picked, 'all')).html);
  expect(all).toContain('scope-database-delete_branches');
  expect(all).toContain('scope-user-write_user');
  expect(all).not.toContain('scope-database-write_members');
  expect(await entries()).toEqual([]);
});

test('too many picks in a form that no page of ours wrote are refused, too', async () => {
  askFor({ scope: read });
  const ids = Array.from({ length: mostEntries + 1 }, () => printId('database', newId()));
  const refused = await allow(await open(), ids, ['everything']);
  expect(refused.status).toBe(422);
  expect(await entries()).toEqual([]);
  expect(server.reported).toEqual([]);
});

test('an end can be chosen, and stays as it is where nothing else is chosen', async () => {
  const expires = async () => {
    const text =
      'select extract(epoch from expires_at - now()) as s from consents where client_id = $1';
    const [row] = await run<{ s: string | null }>(database.db, text, tree.app);
    return row?.s === null ? null : Math.round(Number(row?.s) / 3600);
  };
  askFor({ scope: read });
  const page = await open();
  expect(page.html).toContain('<option value="until_removed" selected>Until I remove it');
  await send(page, 'allow', (fields) => [...choose([shop()], [read])(fields), ['ends', '1_day']]);
  expect(await expires()).toBe(24);
  askFor({ isReview: true });
  const again = await open();
  expect(again.html).toMatch(/<option value="" selected>As before: until \w+ \d+, \d{4}/);
  await send(again, 'allow', (fields) => [...fields, ['ends', '']]);
  expect(await expires()).toBe(24);
  await send(await open(), 'allow', (fields) => [...fields, ['ends', 'until_removed']]);
  expect(await expires()).toBeNull();
});

describe('what the application requires', () => {
  const require = (scope: string) =>
    run(
      database.db,
      `update clients set scope = $2, metadata = jsonb_build_object('requiredScope', $3::text) where id = $1`,
      tree.app,
      scope,
      scope,
    );

  test('is marked, and missed where it is left out', async () => {
    const more = 'database:read_backups';
    askFor({ scope: `${read} ${more}` });
    await require(read);
    const page = await open();
    expect(page.html.match(/>Required</g)).toHaveLength(1);
    const refused = await allow(page, [shop()], [more]);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('can’t work without a permission that you left out');
    expect(input(refused.html, shop())).toContain('checked');
    expect((await send(refused, 'allow', choose([], [read]))).status).toBe(303);
  });

  test('leaves only Cancel to whom no role lets give it, and the application is told', async () => {
    const needed = 'database:write_members';
    askFor({ scope: `${read} ${needed}` });
    await require(needed);
    const page = await open();
    expect(page.html).toContain('permissions that you can’t give: Give people roles');
    expect(page.html).not.toContain('value="allow"');
    await send(page, 'cancel');
    expect(ended).toEqual([expect.stringContaining(`required scope could be given: ${needed}`)]);
  });
});
