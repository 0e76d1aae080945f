/** The OpenAPI document, and the page that shows it. */

import { Validator } from '@seriousme/openapi-schema-validator';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/management/routes.ts';
import { problem } from '../../src/api/management/schemas.ts';
import { inChromium, openBrowser, watchedPage } from '../flows/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const read = async () =>
  (await (await fetch(`${server.issuer}/api/openapi.json`)).json()) as Record<string, unknown>;

test('the document is one of OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(await read());
  expect([valid, errors]).toEqual([true, undefined]);
  expect(validator.version).toBe('3.1');
});

test('it has an operation for every route, each with a name of its own', async () => {
  const { paths } = (await read()) as { paths: Record<string, Record<string, object>> };
  const named = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      id: (operation as { operationId: string }).operationId,
      address: `${method.toUpperCase()} ${path}`,
    })),
  );
  const rows = routes.map(({ id, address }) => ({ id, address }));
  expect(named).toHaveLength(rows.length);
  expect(new Set(named.map(({ id }) => id)).size).toBe(rows.length);
  expect(named).toEqual(expect.arrayContaining(rows));
});

test('every reference in it leads somewhere', async () => {
  const text = JSON.stringify(await read());
  const { components } = JSON.parse(text) as { components: { schemas: object } };
  const references = Array.from(text.matchAll(/"\$ref":"([^"]+)"/g), (hit) => hit[1] ?? '');
  expect(references.length).toBeGreaterThan(50);
  for (const reference of references) {
    expect(reference.split('/').at(-1)).toBeOneOf(Object.keys(components.schemas));
  }
});

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

const operations = ({ paths }: OpenApi) =>
  Object.values(paths).flatMap((methods) => Object.values(methods));

test('its examples are what its schemas take', async () => {
  const document = await read();
  let seen = 0;
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { examples, pattern } = node as { examples?: unknown; pattern?: string };
    if (pattern !== undefined && Array.isArray(examples)) {
      for (const example of examples) expect(example).toMatch(new RegExp(pattern, 'u'));
      seen += examples.length;
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(document);
  expect(seen).toBeGreaterThan(50);
});

test('every problem has an example, which is one', async () => {
  const document = (await read()) as unknown as OpenApi;
  let seen = 0;
  for (const { responses } of operations(document)) {
    for (const [code, { content = {} }] of Object.entries(responses)) {
      if (Number(code) < 400) continue;
      const [media] = Object.values(content) as { examples: Record<string, { value: unknown }> }[];
      for (const { value } of Object.values(media?.examples ?? {})) {
        expect(problem.parse(value).status).toBe(Number(code));
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(6 * routes.length);
});

describe(...inChromium('the page'), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('shows every operation, from this origin alone and within the policy', async () => {
    const { page, strangers, complaints } = await watchedPage(browser, [server.issuer]);
    await page.goto(`${server.issuer}/api/docs`);
    expect(await page.locator('details.operation').count()).toBe(routes.length);
    await page.getByText('Create a team').click();
    await page.getByRole('table', { name: 'Responses' }).first().waitFor();

    expect([strangers, complaints]).toEqual([[], []]);
  });
});
