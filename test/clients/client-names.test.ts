/** RFC 7591 section 5, Unicode Technical Standard 39: names that stand on the consent page. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkClientName } from '../../src/clients/client-names.ts';

describe('checkClientName accepts', () => {
  test.each([
    ['a name', 'Acme Backup', 'Acme Backup'],
    ['space around and between', '  Acme   Backup ', 'Acme Backup'],
    ['accents', 'Crème Brûlée', 'Crème Brûlée'],
    ['accents in two code points', 'Cre\u0300me', 'Crème'],
    ['fullwidth letters, folded', '\uff21\uff23\uff2d\uff25', 'ACME'],
    ['a ligature, folded', 'Of\ufb01ce', 'Office'],
    ['a no-break space, folded', 'Acme\u00a0Backup', 'Acme Backup'],
    ['digits and punctuation', 'C++ & Co. (v2.0) #1!', 'C++ & Co. (v2.0) #1!'],
    ['one letter', 'X', 'X'],
    ['digits', '1234', '1234'],
    ['Cyrillic', 'Яндекс Диск 2', 'Яндекс Диск 2'],
    ['Greek', 'Τράπεζα', 'Τράπεζα'],
    ['Arabic', 'مصرف', 'مصرف'],
    ['Hebrew', 'בנק', 'בנק'],
    ['Hindi', 'हिन्दी ऐप', 'हिन्दी ऐप'],
    ['Thai', 'ธนาคารกรุงเทพ', 'ธนาคารกรุงเทพ'.normalize('NFKC')],
    ['Japanese in three scripts, with Latin', 'LINE アプリの管理', 'LINE アプリの管理'],
    ['Korean with Latin', 'KB 국민은행', 'KB 국민은행'],
    ['Chinese with Latin', 'QQ音乐', 'QQ音乐'],
    ['markup, which pages print as text', '<b>Acme</b>', '<b>Acme</b>'],
    ['64 characters', 'a'.repeat(64), 'a'.repeat(64)],
    ['a word that ends in the name of the product', 'Pusher', 'Pusher'],
    ['another', 'Gusher Analytics', 'Gusher Analytics'],
    ['ours in parentheses', 'Claude Code (usher)', 'Claude Code (usher)'],
    [
      'ours among others there',
      'Claude Code (plugin:usher:usher)',
      'Claude Code (plugin:usher:usher)',
    ],
    ['ours with a suffix there', 'MCP CLI Proxy (usher-dev)', 'MCP CLI Proxy (usher-dev)'],
    ['a word that holds a claim', 'Steam (Usher)', 'Steam (Usher)'],
  ])('%s', (_what, text, name) => {
    expect(checkClientName(text)).toEqual({ outcome: 'accepted', name });
  });
});

describe('checkClientName refuses', () => {
  test.each([
    ['nothing', '', /empty/],
    ['space', '   ', /empty/],
    ['65 characters', 'a'.repeat(65), /at most 64/],
    ['40,000 characters', 'a'.repeat(40_000), /at most 64/],
    ['one sign that folds to 18', '\ufdfa'.repeat(10), /at most 64/],
    ['a right-to-left override', 'G\u202eoogle', /invisible/],
    ['a left-to-right mark', 'Acme\u200e', /invisible/],
    ['an isolate', 'Acme\u2066x\u2069', /invisible/],
    ['a zero-width space', 'Ac\u200bme', /invisible/],
    ['a zero-width joiner', 'Ac\u200dme', /invisible/],
    ['a soft hyphen', 'Ac\u00adme', /invisible/],
    ['a byte order mark', '\ufeffAcme', /invisible/],
    ['a tag character', 'Acme\u{e0041}', /invisible/],
    ['a variation selector', 'Acme\ufe0f', /invisible/],
    ['a Hangul filler', '\u3164', /invisible/],
    ['a blank Braille pattern', 'Acme\u2800', /invisible/],
    ['NUL', 'Ac\0me', /invisible/],
    ['a tab', 'Acme\tBackup', /invisible/],
    ['a line break', 'Acme\nverified by Usher', /invisible/],
    ['a line separator', 'Acme\u2028Backup', /invisible/],
    ['a lone surrogate', 'Acme\ud800', /invisible/],
    ['a private character', 'Acme\uf8ff', /invisible/],
    ['an unassigned code point', 'Acme\u{3ffff}', /invisible/],
    ['punctuation alone', '...', /letter or a digit/],
    ['a check mark', 'Acme \u2714', /pictures/],
    ['a padlock', '\u{1f512} Acme', /pictures/],
    ['a loose accent', '\u0301Acme', /accents/],
    ['a tower of accents', `A${'\u0323'.repeat(6)}cme`, /accents/],
    ['Latin with a Cyrillic letter', 'P\u0430ypal', /scripts/],
    ['Latin with a Greek letter', 'G\u03bfogle', /scripts/],
    ['Cyrillic with a Latin letter', 'Яндeкс', /scripts/],
    ['Greek and Cyrillic', '\u03b1\u0436', /scripts/],
    ['Japanese and Korean', 'アプリ 국민', /scripts/],
    ['Cherokee, which looks Latin', '\u13aa\u13e2', /scripts/],
  ])('%s', (_what, text, reason) => {
    expect(checkClientName(text)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(reason),
    });
  });

  test.each([
    'Usher',
    'USHER',
    'usher',
    'Usher Official',
    'Official Usher',
    'The Usher App',
    'Usher-Official',
    'usher.test',
    'UsherOfficial',
    'MyUsher',
    'U s h e r',
    'U-S-H-E-R support',
    'Us\u0068er',
    '\uff35\uff53\uff48\uff45\uff52',
    '\u{1d414}\u{1d42c}\u{1d421}\u{1d41e}\u{1d42b}',
    '\u24ca\u24e2\u24d7\u24d4\u24e1',
    'Ushér',
    'Ush3r',
    'U5her',
    'U$her',
    'Usherette',
    '(Usher)',
    '(Usher) Login',
    'Usher (Acme)',
    'Official (Usher)',
    'Acme (Usher official)',
    'Acme (Usher Support)',
    'Acme (verified by Usher)',
    'Security Team (Usher)',
    'Us(h)er',
    'Us (x) her',
    'Acme(Usher)',
    '... (Usher)',
    'The Usher App (usher)',
  ])('the name of the product: %s', (text) => {
    expect(checkClientName(text)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/Usher itself/),
    });
  });

  test.each(['\u0446\u0455\u04bb\u0435\u0433', 'Us\u04bber', '\u03c5sher', '\u054dsher'])(
    'the name of the product in other letters: %s',
    (text) => {
      expect(checkClientName(text).outcome).toBe('refused');
    },
  );
});

test('any text: a name is in its only form, or the reason is a plain sentence', () => {
  const word = fc.constantFrom('Usher', 'acme', ' ', '\u0430', '\u202e', '\u0301', 'ア', '✓', '-');
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.array(word, { maxLength: 8 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const checked = checkClientName(text);
      if (checked.outcome === 'refused') {
        expect(checked.reason).toMatch(/^[ !#-[\]-~]{1,200}$/);
      } else {
        expect(checkClientName(checked.name)).toEqual(checked);
        expect(Array.from(checked.name).length).toBeLessThanOrEqual(64);
        expect(checked.name).not.toMatch(/\p{C}|^\s|\s$/u);
      }
    }),
    { numRuns: 2000 },
  );
});
