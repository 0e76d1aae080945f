/** The consent page where an organization must approve the application first. */

import { beforeEach, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { type Fields, fill, type Page } from '../support/user-agent.ts';
import {
  askFor,
  browser,
  choose,
  database,
  ended,
  entries,
  input,
  open,
  press,
  read,
  send,
  shop,
  tree,
  useConsentSite,
} from './consent-site.ts';
import { run } from './tree.ts';

useConsentSite();

describe('where an organization must approve the application first', () => {
  const acme = () => printId('organization', tree.acme);
  const ask = (page: Page, reason: string, change = (fields: Fields) => fields) =>
    send(page, `ask ${acme()}`, (fields) => fill(change(fields), `reason:${acme()}`, reason));
  const kept = async () => {
    const text = 'select reason, account_id from approval_requests where client_id = $1';
    return run(database.db, text, tree.app);
  };
  const mails = () =>
    run<{ kind: string; details: object }>(
      database.db,
      'select kind, account_id, details from account_notices where details @> $1 order by kind',
      { person: 'member' },
    );

  beforeEach(async () => {
    const policy =
      "update organizations set application_policy = 'approval_required' where id = $1";
    await run(database.db, policy, tree.acme);
    await run(database.db, 'delete from account_notices');
    const grants = "update clients set grant_types = '{authorization_code}' where id = $1";
    await run(database.db, grants, tree.app);
    askFor({ scope: `${read} database:write_members` });
  });

  test('a member asks for it, with a reason, and sees that it was asked', async () => {
    const page = await ask(await open(), '  For the <b>reports</b>.  ', choose([], [read]));
    expect(page.status).toBe(200);
    expect(await kept()).toEqual([{ reason: 'For the <b>reports</b>.', account_id: tree.member }]);
    for (const { html } of [page, await open()]) {
      expect(html).toContain('“For the &lt;b&gt;reports&lt;/b&gt;.”');
      expect(html).not.toContain('Ask for approval');
    }
    expect(await mails()).toMatchObject([
      {
        kind: 'approval-requested',
        account_id: tree.admin,
        details: { organization: 'Acme', person: 'member' },
      },
    ]);
    expect(ended).toEqual([]);
  });

  test('the rest of the choice is kept', async () => {
    askFor({ accountId: tree.consultant });
    const ledger = printId('database', tree.ledger);
    const page = await ask(await open(), 'For the reports.', choose([ledger], [read]));
    expect(input(page.html, ledger)).toContain('checked');
    await send(page, 'allow');
    expect(await entries()).toEqual([`ledger ${read}`]);
    expect(await kept()).toHaveLength(1);
  });

  test('a reason that is none is said beside it, and what was written is kept', async () => {
    const nothing = await ask(await open(), ' ');
    expect(nothing.html).toContain('Write a reason of up to 500 characters.');
    const long = 'a'.repeat(501);
    expect((await ask(nothing, long)).html).toContain(long);
    const searched = await send(nothing, 'search', (fields) =>
      fill(fields, `reason:${acme()}`, 'Half a sen'),
    );
    expect(searched.html).toContain('>Half a sen</textarea>');
    expect(await kept()).toEqual([]);
  });

  test('who was declined is told when to ask again, also who still has the form', async () => {
    const before = await open();
    await ask(before, 'For the reports.');
    await run(database.db, 'update approval_requests set declined_at = now()');
    for (const page of [await open(), await ask(before, 'Please.')]) {
      expect(page.status).toBe(200);
      expect(page.html).toContain('You can ask again after');
      expect(page.html).not.toContain('Ask for approval');
    }
  });

  describe('for production alone', () => {
    const reachesProduction = 'branch:read_branch';
    beforeEach(async () => {
      const guarded = `update organizations set application_policy = 'open', guards_production = true
                        where id = $1`;
      await run(database.db, guarded, tree.acme);
      await run(database.db, 'update clients set is_verified = false where id = $1', tree.app);
      askFor({ scope: `${read} ${reachesProduction}` });
    });

    test('a member asks from the page, and allows the rest at once', async () => {
      const first = await open();
      expect(first.html).toContain('reach production only once an administrator approves them');
      const page = await ask(first, 'For the reports.', choose([shop()], [read]));
      expect(page.html).toContain('“For the reports.”');
      expect(await kept()).toEqual([{ reason: 'For the reports.', account_id: tree.member }]);
      expect((await send(page, 'allow')).status).toBeLessThan(400);
      expect(await entries()).toEqual(
        [`acme/shop ${read}`].map(() => expect.stringContaining(read)),
      );
    });

    test.each([
      ['a verified one', `update clients set is_verified = true where id = $1`],
      [
        'one that was approved',
        `insert into application_approvals (organization_id, client_id, production)
                                 select id, $1, false from organizations where slug like 'acme%'`,
      ],
    ])('%s has nothing to ask for', async (_what, sql) => {
      await run(database.db, sql, tree.app);
      expect((await open()).html).not.toContain('Ask for approval');
    });

    test('nor has one that asks for nothing of branches', async () => {
      askFor({ scope: 'database:write_members' });
      expect((await open()).html).not.toContain('Ask for approval');
    });
  });

  test('a form of somewhere else asks nothing', async () => {
    const forged = await browser.submit(await open(), (fields) =>
      fill(fill(press(fields, `ask ${acme()}`), `reason:${acme()}`, 'Please.'), 'token', 'x'),
    );
    expect(forged.status).toBe(403);
    const vault = printId('organization', tree.vault);
    const foreign = await send(await open(), `ask ${vault}`, (fields) => [
      ...fields,
      [`reason:${vault}`, 'Please.'],
    ]);
    expect(foreign.status).toBe(200);
    await send(await open(), 'ask nonsense');
    expect(await kept()).toEqual([]);
  });
});
