/** In which language a page is: what the application asks for, what the browser asks for, English. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { platformWords } from '../../src/catalogue/words.ts';
import { loadMessages, messagesDirectory } from '../../src/lib/messages.ts';
import { keepUiLocales } from '../../src/lib/ui-locales.ts';
import { writeMail } from '../../src/mail/mail.ts';
import { createRenderer, messagesByLanguage } from '../../src/web/page/render-page.ts';
import { renderReturn } from '../../src/web/sign-in/return-page.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startSmallServer } from './small-server.ts';

/** English as it is, and two texts in two other languages; one of them lacks the layout. */
const directory = mkdtempSync(join(tmpdir(), 'usher-languages-'));
cpSync(join(messagesDirectory, 'en'), join(directory, 'en'), { recursive: true });
const returning = { title: 'Zurück zu {destination}', lead: 'Sie kommen an.', continue: 'Weiter' };
write('la', 'return', { ...returning, title: 'Reditus {destination}' });
write('la', 'sign-in', { title: 'Intra', lead: 'Ave' });
const book = reload();
afterAll(() => rmSync(directory, { recursive: true }));

function reload() {
  const own = platformWords.get('en') ?? {};
  const words = new Map(['en', 'la', 'ia'].map((locale) => [locale, own]));
  return loadMessages(directory, { words });
}

function write(locale: string, subject: string, texts: Record<string, string>): void {
  mkdirSync(join(directory, locale), { recursive: true });
  writeFileSync(join(directory, locale, `${subject}.json`), JSON.stringify(texts));
}

describe('a page', () => {
  const server = forAllTests(() =>
    startSmallServer(({ app, issuer }) => {
      const messagesOf = messagesByLanguage(book);
      const renderPage = createRenderer({ issuer, messagesOf });
      app.use((ctx) => {
        if (ctx.path === '/return') {
          return renderReturn({ renderPage, messagesOf }, ctx, 'https://app.test/callback');
        }
        if (ctx.path === '/asked') keepUiLocales(ctx, 'la');
        const t = messagesOf(ctx);
        const title = t.text('sign-in.title');
        ctx.body = { first: title, next: t.text('error.error'), locale: t.locale };
      });
    }),
  );

  const get = (path: string, language?: string) =>
    fetch(server.issuer + path, { headers: language ? { 'accept-language': language } : {} });

  test.each([
    ['/?ui_locales=la', 'en', 'Intra'],
    ['/?ui_locales=en', 'la', 'Sign in'],
    ['/?ui_locales=xx', 'la-VA, en;q=0.5', 'Intra'],
    ['/asked', 'en', 'Intra'],
    ['/asked?ui_locales=en', 'en', 'Intra'],
    ['/', 'fr, la;q=0.8, en;q=0.1', 'Intra'],
    ['/', 'la;q=0, *', 'Sign in'],
    ['/', 'fr', 'Sign in'],
    ['/', undefined, 'Sign in'],
  ])('%s with Accept-Language %s begins with %s', async (path, language, first) => {
    expect(await (await get(path, language)).json()).toMatchObject({ first });
  });

  test('is in the default language from the first text that the reader’s lacks', async () => {
    const said = { first: 'Intra', next: 'Error', locale: 'en' };
    expect(await (await get('/', 'la')).json()).toEqual(said);
  });

  test('is drawn again, whole, where its frame is lacking, and says its language', async () => {
    const answer = await get('/return', 'la');
    const html = await answer.text();
    expect(html).toContain('<html lang="en"');
    expect(html).toContain('You’ll be sent to');
    expect(html).not.toContain('Sie kommen an');
    expect(answer.headers.get('content-language')).toBe('en');
    expect(answer.headers.get('vary')).toContain('Accept-Language');
  });

  test('is in the reader’s language where nothing is lacking', async () => {
    write('ia', 'return', returning);
    cpSync(join(messagesDirectory, 'en/layout.json'), join(directory, 'ia/layout.json'));
    const messagesOf = messagesByLanguage(reload());
    const own = await startSmallServer(({ app, issuer }) => {
      const renderPage = createRenderer({ issuer, messagesOf });
      app.use((ctx) => renderReturn({ renderPage, messagesOf }, ctx, 'https://app.test/callback'));
    });
    const answer = await fetch(own.issuer, { headers: { 'accept-language': 'ia' } });
    const html = await answer.text();
    await own.close();
    expect(html).toContain('<html lang="ia"');
    expect(html).toContain('Zurück zu app.test');
    expect(answer.headers.get('content-language')).toBe('ia');
  });
});

test('a mail is in the reader’s language where that has all its texts, else in English', () => {
  const subjectOf = () => {
    const parts = { issuer: 'https://usher.test', messages: reload() };
    const texts = { subject: 'set-up.title', lead: 'set-up.used', after: 'set-up.used-next' };
    return writeMail(parts, { to: 'ada@usher.test', locale: 'la', texts }).subject;
  };
  write('la', 'set-up', { title: 'Salve', used: 'Vale' });
  expect(subjectOf()).toBe(book.in('en').text('set-up.title'));
  write('la', 'set-up', { title: 'Salve', used: 'Vale', 'used-next': 'Vale' });
  expect(subjectOf()).toBe('Salve');
});
