/** The OpenAPI document, and the page that shows it. */

import { randomBytes } from 'node:crypto';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { keyForm } from '../../src/api/management/conditions.ts';
import { pageQuery } from '../../src/api/management/pages.ts';
import { routes } from '../../src/api/management/routes.ts';
import { problem } from '../../src/api/management/schemas.ts';
import { nameFault, storedName } from '../../src/clients/name-rule.ts';
import { sealCursor } from '../../src/organizations/cursors.ts';
import { inChromium, openBrowser, watchedPage } from '../flows/browser.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import { startTestServer } from '../support/server.ts';

const server = forAllTests(startTestServer);

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
  readonly security: readonly object[];
  readonly parameters: readonly {
    readonly name: string;
    readonly schema: { readonly pattern?: string };
  }[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: object;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
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

describe('its patterns are what the server takes', () => {
  const everything = async () => (await read()) as unknown as OpenApi;
  const parameter = async (id: string, name: string) =>
    operations(await everything())
      .find(({ operationId }) => operationId === id)
      ?.parameters.find((one) => one.name === name)?.schema;

  test('of idempotency keys, wherever they are taken', async () => {
    const keys = operations(await everything()).flatMap(({ parameters }) =>
      parameters.filter(({ name }) => name === 'Idempotency-Key'),
    );
    expect(keys.length).toBeGreaterThan(5);
    expect(new Set(keys.map(({ schema }) => schema.pattern))).toEqual(new Set([keyForm.source]));
    expect((await parameter('importLines', 'Idempotency-Key'))?.pattern).toBe(keyForm.source);
  });

  test('of cursors: one that is sealed here has the form, what has it not is refused', async () => {
    const schema = await parameter('listOrganizations', 'cursor');
    const form = new RegExp(schema?.pattern ?? '$^', 'u');
    expect(sealCursor(randomBytes(32), 'a list', 'a position')).toMatch(form);
    for (const bad of ['', 'a b', 'a=', 'ä', 'a\n']) {
      expect([bad, form.test(bad), pageQuery.cursor.safeParse(bad).success]).toEqual([
        bad,
        false,
        false,
      ]);
    }
  });

  const forms = ['createOrganization', 'renameTeam', 'syncMember', 'importLines'];
  test.each(forms)('of the name in %s: it refuses no good one, and hidden signs', async (id) => {
    const schema = (await everything()).components.schemas;
    const found = Object.entries(schema).find(
      ([name]) => name.toLowerCase() === `${id}body`.toLowerCase(),
    );
    const pattern = /"name":\{[^{}]*"pattern":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(found))?.[1];
    const form = new RegExp(JSON.parse(`"${pattern}"`), 'u');
    const isGood = (name: string) => nameFault(storedName(name, 100), 100) === undefined;
    for (let code = 0; code < 0x1_0000; code++) {
      const sign = String.fromCharCode(code);
      for (const name of [`a${sign}b`, `${sign}a`, `a${sign}`, sign]) {
        if (!form.test(name) && isGood(name)) expect.fail(`U+${code.toString(16)} is refused`);
      }
    }
    for (const name of ['', ' ', 'a\0b', 'a\u202eb', 'a\nb', 'a\u200bb']) {
      expect([name, form.test(name), isGood(name)]).toEqual([name, false, false]);
    }
    expect('Größe 7 🚀').toMatch(form);
  });
});

test('what an access token may do is done with a bound one, too (RFC 9449 section 7.1)', async () => {
  const document = (await read()) as unknown as OpenApi;
  expect(document.components.securitySchemes['dpop']).toMatchObject({
    type: 'http',
    scheme: 'dpop',
  });
  const ways = operations(document).map(({ security }) => security.flatMap(Object.keys));
  expect(ways.filter((way) => way.includes('dpop')).length).toBeGreaterThan(20);
  for (const way of ways) expect(way.includes('dpop')).toBe(way.includes('token'));
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
  const browser = forAllTests(openBrowser);

  test('shows every operation, from this origin alone and within the policy', async () => {
    const { page, strangers, complaints } = await watchedPage(browser, [server.issuer]);
    await page.goto(`${server.issuer}/api/docs`);
    expect(await page.locator('details.operation').count()).toBe(routes.length);
    await page.getByText('Create a team').click();
    await page.getByRole('table', { name: 'Responses' }).first().waitFor();

    expect([strangers, complaints]).toEqual([[], []]);
  });
});
