/** A developer gives an application a logo, and whom it asks sees it. */

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { statement } from '../../src/storage/engine/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { authorizationRequest, type TestClient } from '../support/oauth.ts';
import { blackPng, picture, svg } from '../support/pictures.ts';
import { startTestServer } from '../support/server.ts';
import { signedInAs } from '../support/sign-in.ts';
import type { Page } from '../support/user-agent.ts';
import { newDeveloper, ownApps, registerOwnApp } from './portal.ts';
import { stage } from './stage.ts';

const server = forAllTests(startTestServer);
const agent = forAllTests(async () => (await newDeveloper(server)).agent);

const view = ({ id }: TestClient) => agent.get(`${ownApps}/${id}`);
const logoIn = ({ html }: Page) => /<img [^>]*src="(\/application-logos\/[\w-]+)"/.exec(html)?.[1];
const upload = async (app: TestClient, file: Buffer) =>
  agent.upload(await view(app), '/logo', 'logo', file);
const open = (path: string | undefined, headers = {}) =>
  fetch(new URL(path ?? '/no-logo', server.issuer), { headers });

let colours = 0;
/** A picture like no other. */
const someLogo = () =>
  sharp({
    create: { width: 64, height: 64, channels: 3, background: { r: 9, g: 9, b: ++colours * 9 } },
  })
    .png()
    .toBuffer();

test('the logo stands on its pages and at consent, served so that it can do nothing', async () => {
  const app = await registerOwnApp(agent);
  expect(logoIn(await view(app))).toBeUndefined();
  const page = await upload(app, await someLogo());
  expect(page.html).toContain('The logo is saved.');
  const path = logoIn(page);
  expect(logoIn(await agent.get(ownApps))).toBe(path);
  const person = await signedInAs(server, stage.member);
  const asked = await person.get(authorizationRequest(server, app, 'openid').url);
  expect(logoIn(asked)).toBe(path);

  const image = await open(path);
  expect(image.status).toBe(200);
  const { headers } = image;
  expect(headers.get('content-type')).toBe('image/webp');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; frame-ancestors 'none'; sandbox",
  );
  expect(headers.get('set-cookie')).toBeNull();
  const size = await sharp(Buffer.from(await image.arrayBuffer())).metadata();
  expect(size).toMatchObject({ format: 'webp', width: 192 });
  const again = await open(path, {
    'if-none-match': headers.get('etag') ?? '',
    'cache-control': 'max-age=0', // else this client adds `no-cache`
  });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('another takes its place; taken, or gone with its application, it is nowhere', async () => {
  const app = await registerOwnApp(agent);
  const first = logoIn(await upload(app, await someLogo()));
  const second = logoIn(await upload(app, await someLogo()));
  expect([(await open(first)).status, (await open(second)).status]).toEqual([404, 200]);
  const taken = await agent.submit(await view(app), (fields) => fields, '/logo/remove');
  expect(taken.html).toContain('The logo is removed.');
  expect([logoIn(taken), (await open(second)).status]).toEqual([undefined, 404]);
  const third = logoIn(await upload(app, await someLogo()));
  await agent.submit(await view(app), (fields) => fields, '/delete');
  expect((await open(third)).status).toBe(404);
  const trail = statement(`
    select (before ->> 'logo') is null as first, (after ->> 'logo') is null as last
      from audit_events where subject = $1 and action = 'application.updated' order by id`);
  expect(await server.database.db.query(trail, [app.id])).toEqual([
    { first: true, last: false },
    { first: false, last: false },
    { first: false, last: true },
    { first: true, last: false },
  ]);
});

test.each([
  ['an SVG', () => svg, 'This is an SVG'],
  ['no picture', () => Buffer.from('PK\u0003\u0004 archive'), 'isn’t a PNG, JPEG or WebP'],
  ['a bomb', () => blackPng(30_000, 8_000), 'too many pixels'],
  ['two things at once', async () => Buffer.concat([await picture(), svg]), 'holds something else'],
  ['no file', () => Buffer.alloc(0), 'Choose a picture first'],
  ['too much', () => Buffer.alloc(600 * 1024), 'larger than 512 KB'],
])('%s is refused with the reason, and the logo stays', async (_what, file, reason) => {
  const app = await registerOwnApp(agent);
  const before = logoIn(await upload(app, await someLogo()));
  const page = await upload(app, await file());
  expect([page.status, page.html.includes(reason), logoIn(page)]).toEqual([422, true, before]);
});

test('a form that is none, and one without end, are refused', async () => {
  const app = await registerOwnApp(agent);
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = (type: string, body: string | Buffer<ArrayBuffer>) =>
    fetch(`${server.issuer}${ownApps}/${app.id}/logo`, {
      method: 'POST',
      headers: { cookie, 'content-type': type },
      body,
    });
  const framed = 'multipart/form-data; boundary=x';
  expect((await send('text/plain', 'logo')).status).toBe(415);
  expect((await send('multipart/form-data', 'logo')).status).toBe(400);
  expect((await send(framed, 'logo')).status).toBe(400);
  expect(
    (await send(framed, '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--')).status,
  ).toBe(400);
  expect((await send(framed, Buffer.alloc(2 * 1024 * 1024))).status).toBe(413);
  expect(
    (await send(framed, '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'))
      .status,
  ).toBe(403);
});

test('somebody else gives it no logo, and nobody has pictures decoded without end', async () => {
  const app = await registerOwnApp(agent);
  const page = await view(app);
  const { agent: stranger } = await newDeveloper(server);
  expect((await stranger.upload(page, '/logo', 'logo', await picture())).status).toBe(403);
  await agent.upload(page, '/logo', 'logo', svg);
  await server.database.db.query(statement('update attempt_counters set attempts = 60'));
  expect((await upload(app, await picture())).status).toBe(429);
  expect(logoIn(await view(app))).toBeUndefined();
});

test.each(['x', `${'a'.repeat(43)}`, '..%2f..%2fetc', 'a'.repeat(4_000)])(
  'there is no logo %s',
  async (digest) => {
    expect((await open(`/application-logos/${digest}`)).status).toBe(404);
  },
);
