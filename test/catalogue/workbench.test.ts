/** Usher with the words of a made-up platform: companies, projects and environments. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/catalogue-files/load.ts';
import { demoApi, demoApp, post } from '../support/oauth.ts';
import { askFor, createInstallation, type Installation, scopesOn } from './served.ts';

const directory = join(import.meta.dirname, 'workbench');
const website = 'organizations/studio/databases/website';
let usher: Installation;

beforeAll(async () => {
  usher = await createInstallation();
  await usher.serve(directory);
}, 180_000);
afterAll(() => usher.remove());

test('it has five roles on an organization and four on a database', () => {
  const { organization, database } = loadCatalogue(directory).files['roles.json'];
  expect([organization.length, database.length]).toEqual([5, 4]);
});

test('main flow and introspection go by its roles and scopes', async () => {
  const scope = 'database:read_project database:write_environments';
  const asked = { email: 'editor@studio.test', scope, paths: ['studio/website'] };
  const { body } = await askFor(usher, demoApp, asked);
  expect(await scopesOn(usher, demoApi, body.access_token, website)).toContain(
    'database:read_project',
  );
});

test('an analyst and a billing manager hold permissions on every project', async () => {
  const scope = 'organization:read_projects organization:run_reports organization:read_invoices';
  const on = async (email: string) => {
    const { body } = await askFor(usher, demoApp, { email, scope, paths: ['studio'] });
    const place = (resource: string) => scopesOn(usher, demoApi, body.access_token, resource);
    return [await place('organizations/studio'), await place(website)];
  };
  const [readProjects, reports, invoices] = scope.split(' ');
  expect(await on('analyst@studio.test')).toEqual([[''], [readProjects, reports]]);
  expect(await on('money@studio.test')).toEqual([[invoices], [readProjects]]);
});

test('the scopes page and the management API speak of its names', async () => {
  const scopes = await (await fetch(`${usher.issuer}/scopes`)).text();
  expect(scopes).toContain('read_project');
  expect(scopes).not.toContain('read_database');
  const asked = {
    email: 'editor@studio.test',
    scope: 'database:read_project',
    paths: ['studio/website'],
  };
  const { body } = await askFor(usher, demoApp, asked);
  const answer = await post(usher, '/oauth/introspect', demoApi, { token: body.access_token });
  expect(answer.body.active).toBe(true);
  const list = await fetch(`${usher.issuer}/api/v1/organizations/studio/databases`, {
    headers: { authorization: `Bearer ${body.access_token}` },
  });
  expect(list.status).toBe(200);
});

describe('its face', () => {
  const open = async (path: string) => {
    const response = await fetch(usher.issuer + path);
    return { response, text: await response.text() };
  };

  test('every page has its name, logo and links', async () => {
    for (const path of ['/', '/sign-in', '/scopes', '/demo', '/nothing']) {
      const { text } = await open(path);
      expect(text).toMatch(/<title>[^<]+ · Workbench<\/title>/);
      expect(text).toContain('<img src="/brand/logo" alt="" height="28">');
      expect(text).toContain('href="mailto:help@workbench.example"');
      expect(text).toContain('href="https://workbench.example/terms"');
      expect(text).not.toContain('usher.svg');
    }
  });

  test('its logo can neither run nor load anything, and is asked about each time', async () => {
    const { response, text } = await open('/brand/logo');
    expect(text).toContain('<title>Workbench</title>');
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    );
    const headers = { 'If-None-Match': response.headers.get('etag') ?? '' };
    const again = await fetch(`${usher.issuer}/brand/logo`, {
      headers: { ...headers, 'Cache-Control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
  });

  test('its colours come last in the stylesheet, for light and for dark', async () => {
    const { text } = await open('/assets/usher.css');
    expect(text.lastIndexOf('--accent: #5a3fd0')).toBeGreaterThan(
      text.lastIndexOf('--accent: #15604f'),
    );
    expect(text.lastIndexOf('--accent: #b9aaff')).toBeGreaterThan(
      text.lastIndexOf('--accent: #6fd3b4'),
    );
  });

  test('the start names an account of its own demo', () => {
    expect(usher.output()).toContain('Sign in editor@studio.test, password usher-demo');
  });
});
