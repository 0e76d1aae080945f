/**
 * What an administrator does in the console, at Debian's Chromium: the same stories with the scripts of the
 * pages and without, and one of them by keyboard alone.
 */

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printId } from '../../src/lib/ids.ts';
import { memberRole } from '../../src/members/roles.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import { addAccount } from '../accounts/people.ts';
import { inChromium, serverAndBrowser, signIn, watchedPage } from './browser.ts';
import { type Visit, visit } from './console-visit.ts';

const administrator = 'Organization Administrator';

describe(...inChromium('the console'), () => {
  const { server, browser } = serverAndBrowser();

  /** Adds a member with a name of their own. @returns their account. */
  async function joined({ world, row }: Visit, name: string) {
    const { id, email } = await addAccount(server.database.db);
    await row('update accounts set name = $2 where id = $1', id, name);
    const { organizationId } = world.ids;
    await insertMember(server.database.db, { organizationId, accountId: id, role: memberRole });
    return { id, email, path: `/members/${printId('user', id)}` };
  }

  const statusOf = ({ row, world }: Visit, accountId: string) =>
    row(
      `select role, suspended_at is not null as suspended from organization_members
        where account_id = $1 and organization_id = $2`,
      accountId,
      world.ids.organizationId,
    );

  describe.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('%s', (_how, javaScriptEnabled) => {
    let at: Visit;
    beforeAll(async () => {
      at = await visit(browser, server, { javaScriptEnabled });
    });
    afterAll(() => at.page.context().close());

    test('a member is found, gets a role and loses it, is suspended, reinstated and removed', async () => {
      const { page, press, unfold, sees } = at;
      const { id } = await joined(at, 'Ada Stone');
      await at.open('/members');
      await page.getByLabel('Name or address').fill('stone');
      await press('Show');
      await page.getByRole('link', { name: 'Ada Stone' }).waitFor();
      expect(await page.locator('main tbody tr').count()).toBe(1);
      await page
        .getByLabel('Role of Ada Stone', { exact: true })
        .selectOption({ label: administrator });
      await press('Save the role of Ada Stone');
      await sees(`Ada Stone is ${administrator} now`);
      expect(await page.evaluate('document.activeElement.className')).toContain('notice');
      expect(await page.getByLabel('Name or address').inputValue()).toBe('stone');
      await press('Undo');
      await sees('Ada Stone is Organization Member now');
      expect(await statusOf(at, id)).toMatchObject({ role: memberRole });

      await page.getByRole('link', { name: 'Ada Stone' }).click();
      await unfold('Suspend');
      await press('Suspend Ada Stone');
      await sees('Ada Stone is suspended.');
      expect(await statusOf(at, id)).toMatchObject({ suspended: true });
      await press('Reinstate');
      await sees('Ada Stone is reinstated');
      expect(await statusOf(at, id)).toMatchObject({ suspended: false });
      await unfold('Remove');
      await press('Remove Ada Stone');
      await sees('Ada Stone is removed');
      expect(await statusOf(at, id)).toBeUndefined();
    });

    test('many are invited by pasting, with a result for each, and one is sent again and cancelled', async () => {
      const { page, press, sees } = at;
      await at.open('/members/invitations');
      await page.getByLabel('Addresses').fill('one@x.test, two@x.test\nthree');
      await press('Invite');
      for (const line of ['2 people are invited', 'two@x.test: invited', 'three: not an e-mail']) {
        await sees(line);
      }
      await press('Send again to one@x.test');
      await sees('one@x.test gets a new link');
      await press('Cancel the invitation of two@x.test');
      await sees('The invitation of two@x.test is cancelled');
      expect(await page.getByText('two@x.test').count()).toBe(1);
    });

    test('a team is made, gets a member and a database, says what that gives, and is deleted', async () => {
      const { page, press, sees, row, world } = at;
      const { id, email } = await joined(at, 'Team Person');
      const [organization, database] = [world.ids.organizationId, world.ids.databaseId];
      await at.open('/teams');
      await page.getByLabel('Name', { exact: true }).last().fill('Night shift');
      await page.getByLabel('Short name').fill('night-shift');
      await press('Create team');
      await sees('The team Night shift is created');
      await page.getByLabel('Email address').fill(email);
      await press('Add member');
      await press('Add Team Person');
      await sees('A member is added to Night shift');
      const named = await row('select slug from databases where id = $1', database);
      await page.locator('#database-slug').fill(String(named?.['slug']));
      await press('Add database');
      await sees('This makes one person administrator where they aren’t yet');
      await press(`Add ${named?.['slug']}`);
      await sees('Night shift has one more database');
      const held = `select count(*)::int as count from team_members tm
        join team_databases td using (team_id) where tm.account_id = $1 and td.database_id = $2
          and tm.organization_id = $3`;
      expect(await row(held, id, database, organization)).toEqual({ count: 1 });
      await page.locator('main a', { hasText: 'Delete team' }).click();
      await sees('This takes a role that nothing else gives');
      await press('Delete Night shift');
      await sees('The team Night shift is deleted');
      expect(await row(held, id, database, organization)).toEqual({ count: 0 });
    });

    test('a database is made and renamed, a branch promoted, a person added and removed', async () => {
      const { page, press, unfold, sees } = at;
      const { email } = await joined(at, 'Data Person');
      await at.open('/databases');
      await page.getByLabel('Name', { exact: true }).last().fill('stock');
      await press('Create database');
      await sees('stock is created');
      await page.getByLabel('Name of the new branch').fill('next');
      await press('Create a branch');
      await sees('next is created');
      const branch = page.locator('.item', { hasText: 'next' });
      expect(await branch.locator('.badge-production').count()).toBe(0);
      await branch.locator('summary', { hasText: 'Promote' }).click();
      await press('Promote next to production');
      await sees('next is a production branch now');
      expect(await branch.locator('.badge-production').count()).toBe(1);
      await page.locator('#settings').getByLabel('Name').fill('stocks');
      await page.locator('#settings').getByRole('button', { name: 'Rename' }).click();
      await sees('It’s called stocks now');

      await page.locator('main a', { hasText: 'Access' }).first().click();
      await page.locator('#add').getByLabel('Email address').fill(email);
      await page.locator('#add').getByLabel('Role').selectOption({ label: 'Developer' });
      await press('Add person');
      await sees('Data Person is Developer here now');
      const person = page.locator('.item', { hasText: email });
      await person.locator('summary', { hasText: 'Remove' }).click();
      await press('Remove Data Person');
      await sees('Data Person is no longer Developer here');
      expect(await person.count()).toBe(0);
      await page.goBack();
      await page.goForward();
      await page.locator('main a', { hasText: 'Back to stocks' }).click();
      await unfold('Delete this database');
      await press('Delete stocks and its branches');
      await sees('stocks is deleted');
    });

    test('two clicks tell why somebody may do a thing, and who reaches production', async () => {
      const { page, press, sees } = at;
      const { email } = await joined(at, 'Curious Person');
      await at.open('/why');
      await page.getByLabel('Name or address').fill('curious');
      await press('Find');
      await page.locator('main tr', { hasText: email }).locator('a').last().click();
      await page.getByRole('heading', { name: 'What Curious Person can do, and why' }).waitFor();
      await sees('the base role of everyone in Acme');
      await at.open('/why');
      await page.locator('main a', { hasText: 'Who can reach production?' }).click();
      await page.locator('main tbody tr').first().waitFor();
      await page.getByRole('heading', { name: 'Who can reach production?' }).waitFor();
      expect(await page.locator('main tbody tr').count()).toBeGreaterThan(1);
    });

    test('a setting shows what it takes before it is saved, and the log tells of it', async () => {
      const { page, press, sees, row, world } = at;
      await at.open('/settings');
      await page.getByRole('link', { name: 'Change: Base role' }).click();
      await page.getByLabel('No access').check();
      await press('Show what changes');
      await sees('What “No access” changes');
      expect(await page.locator('#effects li').count()).toBeGreaterThan(0);
      const base = 'select base_role from organizations where id = $1';
      expect(await row(base, world.ids.organizationId)).not.toEqual({ base_role: 'none' });
      await press('Change it');
      await sees('The base role is No access now');
      expect(await row(base, world.ids.organizationId)).toEqual({ base_role: 'none' });
      await page.getByLabel('Name', { exact: true }).fill('Acme at night');
      await press('Save');
      await sees('is called Acme at night now');

      await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click();
      const all = await page.locator('main .log > li').count();
      await page.locator('#kind').selectOption({ label: 'The organization itself' });
      await press('Show');
      await sees('Show everything');
      const some = await page.locator('main .log > li').count();
      expect([some > 1, some < all]).toEqual([true, true]);
    });

    test('an operator finds an account, suspends and reinstates it', async () => {
      const { page } = await watchedPage(browser, [server.issuer], { javaScriptEnabled });
      page.setDefaultTimeout(10_000);
      const { email } = await joined(at, 'Odd Person');
      await page.goto(`${server.issuer}/sign-in?next=/operations`);
      await signIn(page, 'operator@usher.test');
      for (const [step, done] of [
        ['Suspend', 'It is suspended.'],
        ['Reinstate', 'It works again.'],
      ] as const) {
        await page.getByLabel('Email address, ID or name').fill(email);
        await page.getByRole('button', { name: 'Search' }).click();
        await page.locator('main summary', { hasText: step }).click();
        await page.getByLabel('Reason').fill('Reported');
        await page.getByRole('button', { name: `${step} Odd Person` }).click();
        await page.getByText(done).waitFor();
      }
      await page.context().close();
    });

    test('the browser complained of nothing, and asked nobody else', () => {
      const { strangers, complaints } = at;
      expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
    });
  });

  test('works with the keyboard alone, and the focus is always seen', async () => {
    const at = await visit(browser, server, { javaScriptEnabled: true });
    const { page } = at;
    const { id } = await joined(at, 'Key Person');
    await at.open('/members');
    await page.keyboard.press('Tab');
    expect(await page.locator('.skip-link:focus').count()).toBe(1);
    await page.keyboard.press('Enter');
    await tabTo(page, '#search');
    await page.keyboard.type('key');
    await page.keyboard.press('Enter');
    await page.waitForURL(/search=key/);
    await tabTo(page, 'select[aria-label="Role of Key Person"]');
    await page.keyboard.type(administrator);
    await tabTo(page, 'button[aria-label="Save the role of Key Person"]');
    await page.keyboard.press('Enter');
    await page.locator('.notice:focus').waitFor();
    expect(await statusOf(at, id)).toMatchObject({ role: 'organization_admin' });
    await tabTo(page, '.notice button', 1);
    await page.keyboard.press('Enter');
    await at.sees('Key Person is Organization Member now');
    await at.open(`/members/${printId('user', id)}`);
    await tabTo(page, '#end summary');
    await page.keyboard.press('Enter');
    await tabTo(page, '#end details[open] button', 1);
    await page.keyboard.press('Enter');
    await at.sees('Key Person is suspended.');
    expect([await statusOf(at, id), at.complaints]).toMatchObject([{ suspended: true }, []]);
    await page.context().close();
  });
});

/** Presses Tab until an element has the focus, and looks each time whether the focus is seen. */
async function tabTo(page: Page, selector: string, most = 100): Promise<void> {
  for (let presses = 0; presses <= most; presses++) {
    if ((await page.locator(`${selector}:focus`).count()) === 1) return;
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate(`(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
      return isSeen || document.activeElement === document.body ? '' : document.activeElement.outerHTML;
    })()`);
    expect(unseen).toBe('');
  }
  throw new Error(`the Tab key does not reach ${selector}`);
}
