/** Databases, branches and their people, changed at browsers without JavaScript. */

import { describe, expect, test } from 'vitest';
import { printId } from '../../../src/lib/ids.ts';
import { statement } from '../../../src/storage/engine/database.ts';
import { forAllTests } from '../../support/for-all-tests.ts';
import { startTestServer } from '../../support/server.ts';
import { signedInAs } from '../../support/sign-in.ts';
import type { UserAgent } from '../../support/user-agent.ts';
import { sendForm, textOf } from './console-people.ts';

const server = forAllTests(startTestServer);
const admin = forAllTests(() => signedInAs(server, 'admin@acme.test'));
const dba = forAllTests(() => signedInAs(server, 'dba@acme.test'));

const idOf = async (sql: string, ...values: string[]) =>
  (await server.database.db.query<{ id: string }>(statement(sql), values))[0]?.id ?? '';
const databaseId = async (slug: string) =>
  printId('database', await idOf('select id from databases where slug = $1', slug));
const base = '/organizations/acme/databases';
const pathOf = async (slug: string) => `${base}/${await databaseId(slug)}`;

const branches = async (slug: string) => {
  const sql = statement(`select b.slug, b.production from branches b
    join databases d on d.id = b.database_id where d.slug = $1 order by b.slug`);
  const rows = await server.database.db.query<{ slug: string; production: boolean }>(sql, [slug]);
  return rows.map((row) => (row.production ? `${row.slug}*` : row.slug));
};

async function branchForm(slug: string, name: string): Promise<string> {
  const id = printId('branch', await idOf('select id from branches where slug = $1', slug));
  return `/branches/${id}/${name}`;
}

const form = (name: string, id: string) => `/databases/${id}/${name}`;

describe('a database', () => {
  test('is created, and whoever creates it administers it', async () => {
    const refused = await sendForm(dba, await dba.get(base), '/databases', { slug: 'No Slug' });
    expect([refused.status, refused.html.includes('value="No Slug"')]).toEqual([422, true]);
    const taken = await sendForm(dba, refused, '/databases', { slug: 'shop' });
    expect([taken.status, textOf(taken)]).toEqual([422, expect.stringContaining('taken')]);
    const made = await sendForm(dba, taken, '/databases', { slug: 'made-here' });
    expect([made.status, made.url]).toEqual([
      200,
      expect.stringContaining(await databaseId('made-here')),
    ]);
    expect(textOf(made)).toContain('made-here is created');
    expect(await branches('made-here')).toEqual(['main*']);
  });

  test('is found by a part of its name', async () => {
    expect(textOf(await admin.get(`${base}?search=ANA`))).toContain('analytics');
    expect(textOf(await admin.get(`${base}?search=ANA`))).not.toContain('shop');
    expect(textOf(await admin.get(`${base}?search=%25`))).toContain('has this in its name');
  });

  test('is renamed, and that is undone', async () => {
    const id = await databaseId('made-here');
    const page = await admin.get(await pathOf('made-here'));
    const renamed = await sendForm(admin, page, form('rename', id), { slug: 'renamed-here' });
    expect(textOf(renamed)).toContain('It’s called renamed-here now.');
    const undone = await sendForm(admin, renamed, form('rename', id));
    expect(textOf(undone)).toContain('It’s called made-here now.');
  });

  test('that somebody renamed meanwhile is not deleted, and then it is', async () => {
    const id = await databaseId('made-here');
    const old = await admin.get(await pathOf('made-here'));
    const page = await admin.get(await pathOf('made-here'));
    await sendForm(admin, page, form('rename', id), { slug: 'new-name' });
    const late = await sendForm(admin, old, form('delete', id));
    expect([late.status, textOf(late)]).toEqual([
      409,
      expect.stringContaining('so nothing was done. It’s called new-name now.'),
    ]);
    expect(await branches('new-name')).toEqual(['main*']);
    const gone = await sendForm(admin, late, form('delete', id));
    expect([gone.status, new URL(gone.url).pathname]).toEqual([200, base]);
    expect(textOf(gone)).toContain('new-name is deleted.');
    const again = await sendForm(admin, late, form('delete', id));
    expect(textOf(again)).toContain('new-name is deleted.');
  });
});

describe('a branch', () => {
  test('is created, renamed, promoted, demoted and deleted, by a database administrator', async () => {
    const page = await dba.get(await pathOf('shop'));
    const made = await sendForm(dba, page, '/branches', { slug: 'try' });
    expect(textOf(made)).toContain('try is created.');
    const renamed = await sendForm(dba, made, await branchForm('try', 'rename'), {
      slug: 'tried',
    });
    const promoted = await sendForm(dba, renamed, await branchForm('tried', 'promote'));
    expect(textOf(promoted)).toContain('tried is a production branch now.');
    expect(await branches('shop')).toEqual(['feature-x', 'main*', 'staging', 'tried*']);
    const undone = await sendForm(dba, promoted, await branchForm('tried', 'demote'));
    expect(textOf(undone)).toContain('tried is a development branch now.');
    const late = await sendForm(dba, promoted, await branchForm('tried', 'delete'));
    expect([late.status, textOf(late)]).toEqual([
      409,
      expect.stringContaining('It’s called tried now and is a development branch.'),
    ]);
    const tried = await branchForm('tried', 'rename');
    const gone = await sendForm(dba, undone, await branchForm('tried', 'delete'));
    expect(textOf(gone)).toContain('tried is deleted.');
    expect(await branches('shop')).toEqual(['feature-x', 'main*', 'staging']);
    const rename = await dba.submit(undone, (fields) => fields, tried);
    expect([rename.status, textOf(rename)]).toEqual([
      409,
      expect.stringContaining('Somebody has deleted this branch in the meantime.'),
    ]);
  });

  test('that is the last one of production stays', async () => {
    const page = await admin.get(await pathOf('shop'));
    const main = `/branches/${printId('branch', await idOf("select b.id from branches b join databases d on d.id = b.database_id where b.slug = 'main' and d.slug = 'shop'"))}`;
    for (const form of ['demote', 'delete']) {
      const kept = await sendForm(admin, page, `${main}/${form}`);
      expect([kept.status, kept.html.includes('keeps at least one')]).toEqual([409, true]);
    }
    expect(await branches('shop')).toContain('main*');
  });

  test('a member without the role is offered nothing that they cannot do', async () => {
    const member = await signedInAs(server, 'member@acme.test');
    const { html } = await member.get(await pathOf('shop'));
    expect(html).toContain('/branches"');
    const offered = html.replaceAll(/branches\/br_\w+\/delete"/g, '');
    for (const form of ['/promote"', '/demote"', '/delete"']) {
      expect([form, offered.includes(form)]).toEqual([form, false]);
    }
    const access = await member.get(`${await pathOf('shop')}/access`);
    expect([access.status, textOf(access)]).toEqual([
      200,
      expect.stringContaining('dba@acme.test'),
    ]);
    expect(access.html).not.toContain('method="post"');
  });
});

describe('what a platform synchronizes', () => {
  test('says so, offers no change, and takes none from a form that was open', async () => {
    const open = await admin.get(await pathOf('analytics'));
    const mark = (value: string | null) =>
      server.database.db.query(
        statement(`update databases set external_id = $1 where slug = 'analytics'`),
        [value],
      );
    await mark('platform-1');
    const page = await admin.get(await pathOf('analytics'));
    expect(textOf(page)).toContain('Your platform manages this database');
    expect(page.html).not.toContain(`${await databaseId('analytics')}/rename"`);
    expect(page.html).not.toContain('id="new-branch"');
    for (const [form, fields] of [
      ['/rename', { slug: 'other' }],
      ['/delete', {}],
      ['/branches', { slug: 'other' }],
    ] as const) {
      const refused = await sendForm(
        admin,
        open,
        `${await databaseId('analytics')}${form}`,
        fields,
      );
      expect([form, refused.status]).toEqual([form, 409]);
      expect(refused.html).toContain('Your platform manages this');
    }
    expect(textOf(await admin.get(base))).toContain('Managed by your platform');
    await mark(null);
  });
});

describe('access', () => {
  const roleOf = async (email: string) => {
    const sql =
      statement(`select r.role from database_roles r join accounts a on a.id = r.account_id
      join databases d on d.id = r.database_id where a.email = $1 and d.slug = 'shop'`);
    return (await server.database.db.query<{ role: string }>(sql, [email]))[0]?.role;
  };
  const open = async (by: UserAgent) => by.get(`${await pathOf('shop')}/access`);
  const memberField = async (email: string) =>
    printId('user', await idOf('select id from accounts where email = $1', email));

  test('is given to a member by address, changed, undone and taken', async () => {
    const added = await sendForm(dba, await open(dba), '/access', {
      email: 'Member@acme.test ',
      role: 'database_reader',
    });
    expect(textOf(added)).toContain('Member (acme) is Read-only here now.');
    const member = await memberField('member@acme.test');
    const changed = await sendForm(
      dba,
      added,
      '/access/role',
      {
        role: 'database_developer',
      },
      member,
    );
    expect(await roleOf('member@acme.test')).toBe('database_developer');
    const undone = await sendForm(dba, changed, '/access/role');
    expect([undone.status, await roleOf('member@acme.test')]).toEqual([200, 'database_reader']);
    const late = await sendForm(dba, changed, '/access/remove', {}, member);
    expect([late.status, textOf(late)]).toEqual([
      409,
      expect.stringContaining('nothing was done. Member (acme) is Read-only here now.'),
    ]);
    const opened = await open(dba);
    const taken = await sendForm(dba, late, '/access/remove', {}, member);
    expect(textOf(taken)).toContain('Member (acme) is no longer Read-only here.');
    expect(await roleOf('member@acme.test')).toBeUndefined();
    const again = await sendForm(dba, opened, '/access/role', { role: 'database_reader' }, member);
    expect(textOf(again)).toContain('Somebody has removed Member (acme) here in the meantime');
  });

  test.each([
    ['nobody', 'nobody@acme.test', 'Invite them first'],
    ['a person of another organization', 'reader@vault.test', 'Invite them first'],
    ['no address', 'someone', 'Enter a whole email address'],
    ['a domain outside ASCII', 'ada@exämple.com', 'ada@xn--exmple-cua.com'],
  ])('is not given to %s, and what was typed stays', async (_who, email, text) => {
    const page = await sendForm(dba, await open(dba), '/access', {
      email,
      role: 'database_reader',
    });
    expect([page.status, textOf(page)]).toEqual([422, expect.stringContaining(text)]);
    expect(page.html).toContain(`value="${email}"`);
  });

  test.each([
    ['no role', { email: 'member@acme.test', role: 'organization_admin' }, '/access', 404],
    ['no id', { member: 'user_1', role: 'database_reader' }, '/access/role', 404],
    ['an id of another kind', { member: 'db_1' }, '/access/remove', 404],
  ])('is not changed with %s', async (_what, fields, form, status) => {
    const page = await open(dba);
    expect((await sendForm(dba, page, form, fields)).status).toBe(status);
  });

  test('of an organization administrator is for their kind alone', async () => {
    const fields = { email: 'admin@acme.test', role: 'database_reader' };
    const page = await sendForm(dba, await open(dba), '/access', fields);
    expect([page.status, page.html.includes('Only another administrator')]).toEqual([403, true]);
  });

  test('a form that was open while its sender lost the role does nothing', async () => {
    const page = await open(dba);
    await server.database.db.query(
      statement(`delete from database_roles where account_id =
        (select id from accounts where email = 'dba@acme.test')`),
    );
    const late = await sendForm(dba, page, '/access', {
      email: 'member@acme.test',
      role: 'database_reader',
    });
    expect([late.status, await roleOf('member@acme.test')]).toEqual([403, undefined]);
  });
});
