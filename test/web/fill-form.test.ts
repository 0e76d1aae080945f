/** Forms of our own parts, filled in with what was typed before. */

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fillForm } from '../../src/web/page/fill-form.ts';
import { openForm, sealForm } from '../../src/web/page/kept-form.ts';

const action = '/organizations/acme/x';
const form = (inner: string, at = action) =>
  `<form class="stack" method="post" action="${at}"><input type="hidden" name="token" value="new">${inner}</form>`;
const filled = (html: string, ...fields: [string, string][]) =>
  fillForm(html, { action, fields: [['token', 'old'], ...fields] });

describe('a form', () => {
  test.each<[what: string, before: string, typed: [string, string][], after: string]>([
    ['a field', '<input name="a" type="text" value="1">', [['a', '2']], ' value="2">'],
    [
      'a field without a value',
      '<input name="a" type="text" required>',
      [['a', '2']],
      ' required value="2">',
    ],
    ['an emptied field', '<input name="a" value="1">', [['a', '']], ' value="">'],
    [
      'a text of lines',
      '<textarea name="a" rows="3">x</textarea>',
      [['a', '\n$& y']],
      '>\n\n$&amp; y</textarea>',
    ],
    [
      'a menu',
      '<select name="a"><option value="1" selected>One</option><option value="2">Two</option></select>',
      [['a', '2']],
      '<option value="1">One</option><option value="2" selected>Two</option>',
    ],
    [
      'boxes',
      '<input type="checkbox" name="a" value="1" checked><input type="checkbox" name="a" value="2">',
      [['a', '2']],
      '<input type="checkbox" name="a" value="1"><input type="checkbox" name="a" value="2" checked>',
    ],
    [
      'what was shown',
      '<input type="hidden" name="seen" value="now">',
      [['seen', 'then']],
      ' value="then">',
    ],
    [
      'nothing but text',
      '<input name="a" value="">',
      [['a', '"><b>']],
      ' value="&#34;&gt;&lt;b&gt;">',
    ],
  ])('takes %s', (_what, before, typed, after) => {
    const made = filled(form(before), ...typed);
    expect(made).toContain(after);
    expect(made).toContain('name="token" value="new"');
    expect(made).toContain('<form id="filled" ');
  });

  test('is the one of several that has the same hidden fields, and is opened', () => {
    const of = (id: string) =>
      `<details class="confirm"><summary>${id}</summary>${form(`<input type="hidden" name="member" value="${id}"><input name="a" value="">`)}</details>`;
    const made = filled(of('one') + of('two'), ['member', 'two'], ['a', 'typed']) ?? '';
    expect(made.indexOf('id="filled"')).toBeGreaterThan(made.indexOf('<summary>two'));
    expect(made.match(/<details[^>]*>/g)).toEqual([
      '<details class="confirm">',
      '<details class="confirm" open>',
    ]);
  });

  test.each([
    ['of another address', form('<input name="a">', '/elsewhere')],
    ['about something else', form('<input type="hidden" name="member" value="two">')],
    ['that only looks', form('').replace('post', 'get')],
  ])('%s stays as it is', (_which, html) => {
    expect(filled(html, ['a', 'x'], ['member', 'one'])).toBeUndefined();
  });
});

describe('what is sealed into an address', () => {
  const key = randomBytes(32);
  const path = '/members/invitations';

  test('opens with the key alone, and takes fifty addresses', () => {
    const many = Array.from({ length: 50 }, (_, n) => `${n}.somebody@example-${n}.test`).join('\n');
    const sealed = sealForm(key, { path, fields: [['addresses', many]] }) ?? '';
    expect(openForm(key, sealed)).toEqual({ path, fields: [['addresses', many]] });
    expect(openForm(randomBytes(32), sealed)).toBeUndefined();
    expect(openForm(key, `${sealed.slice(0, -4)}AAAA`)).toBeUndefined();
    expect(openForm(key, 'x')).toBeUndefined();
  });

  test.each(['password', 'new_password', 'client_secret', 'key', 'repeated'])(
    'is no %s',
    (name) => {
      expect(sealForm(key, { path, fields: [[name, 'x']] })).toBeUndefined();
    },
  );

  test('is never too long for one', () => {
    const noise = randomBytes(9_000).toString('hex');
    expect(sealForm(key, { path, fields: [['a', noise]] })).toBeUndefined();
    expect(sealForm(key, { path, fields: [['a', 'x'.repeat(40_000)]] })).toBeUndefined();
  });
});
