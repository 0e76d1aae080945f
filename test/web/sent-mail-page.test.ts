/** The mail that was sent, for whoever develops, and for nobody else. */

import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createSentMails } from '../../src/mail/sent-mail.ts';
import { createLogger } from '../../src/ops/logging.ts';
import { invite } from '../../src/organizations/invitations.ts';
import { inSession, makeWorld } from '../organizations/world.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { recordSecret } from '../support/issued-secrets.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startTestServer, testUsherKey } from '../support/server.ts';

const server = forAllTests(startTestServer);
let link: string;
beforeAll(async () => {
  const { db } = server.database;
  const world = await makeWorld(db);
  const wish = { email: 'new@x.test', role: 'organization_member' } as const;
  await invite(db, inSession(world.accounts.admin), world.ids.organizationId, wish);
  const [mail] = await server.sendMail();
  [link = ''] = /http\S+\/invitations\/\S+/.exec(mail?.text ?? '') ?? [];
  recordSecret('invitation', link.split('/').at(-1) ?? '');
});

test('is listed with its link, and shown as a mail program shows it', async () => {
  const page = await fetch(`${server.issuer}/dev/mail`);
  expect(page.status).toBe(200);
  const html = await page.text();
  expect(html).toContain(`<a href="${link}">`);
  const [, path = ''] = /href="(\/dev\/mail\/\d+)"/.exec(html) ?? [];
  const mail = await fetch(server.issuer + path);
  expect(mail.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await mail.text()).toContain(`href="${link}"`);
  expect((await fetch(`${server.issuer}/dev/mail/999`)).status).toBe(404);
});

describe('is shown to nobody who comes', () => {
  test.each([
    ['under a name of a stranger’s that leads here', 'Host: evil.test'],
    ['under two names', 'Host: localhost', 'Host: evil.test'],
    ['through a proxy', 'Host: localhost', 'X-Forwarded-For: 198.51.100.7'],
    ['through a tunnel', 'Host: localhost', 'Forwarded: for=198.51.100.7'],
  ])('%s', async (_how, ...headers) => {
    const answer = await sendRaw(server.issuer, ['GET /dev/mail HTTP/1.1', ...headers]);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain(link);
  });
});

test('is neither kept nor served in production', async () => {
  const production = {
    NODE_ENV: 'production',
    ISSUER: 'https://usher.test',
    DATABASE_URL: 'postgres://localhost/x',
    USHER_KEY: testUsherKey,
  };
  const config = readConfig(production);
  expect(config.showsSentMail).toBe(false);
  expect(readConfig({ HOST: '0.0.0.0', DEMO: 'off' }).showsSentMail).toBe(false);
  expect(readConfig({}).showsSentMail).toBe(true);
  const parts = {
    database: server.database.db,
    usherKey: testUsherKey,
    readiness: { isTaking: true },
  };
  const logger = createLogger('silent');
  const app = createApp({ ...parts, config, logger, sentMails: createSentMails() });
  await expect(app).rejects.toThrow(RangeError);
});
