/** What `<%= %>` writes: markup as it is, everything else escaped. */

import { expect, test } from 'vitest';
import { Markup, toHtml } from '../../src/lib/markup.ts';

const hostile = `<i a="1" b='2'>&`;
const escaped = '&lt;i a=&#34;1&#34; b=&#39;2&#39;&gt;&amp;';

test.each([
  ['text', hostile, escaped],
  ['a number', 17, '17'],
  ['markup', new Markup('<b>x</b>'), '<b>x</b>'],
  ['a list of both', [new Markup('<b>'), [hostile]], `<b>${escaped}`],
  ['nothing', undefined, ''],
  ['null', null, ''],
  ['what only looks like markup', { html: '<b>', toString: () => '<b>' }, '&lt;b&gt;'],
])('%s', (_name, value, html) => {
  expect(toHtml(value)).toBe(html);
});
