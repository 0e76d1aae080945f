/**
 * Requests made from the OpenAPI document: each parameter and body as its schema says, or nearly so,
 * with ids of things that are there mixed in.
 */

import fc from 'fast-check';
import { statement } from '../../src/storage/engine/database.ts';
import { insertMember } from '../../src/storage/people/members.ts';
import {
  emailOf,
  freshSlug,
  inSession,
  makeApplication,
  makePersonalApplication,
  makeWorld,
} from '../organizations/world.ts';
import { type Answer, type ApiServer, type Caller, printed, requestOf } from './api-server.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One request, and the statuses that the document knows for it. */
interface Generated {
  readonly request: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly statuses: readonly string[];
}

/** @param ids texts that are ids of things that are there, by the name of the parameter; the first is taken most. */
function requestsOf(
  document: Document,
  ids: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Generated> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  return fc.constantFrom(...operations).chain(({ method, path, operation }) =>
    fc
      .record({
        path: parametersOf(document, operation, 'path', ids),
        query: parametersOf(document, operation, 'query', ids),
        headers: parametersOf(document, operation, 'header', ids),
        body: bodyOf(document, operation),
      })
      .map((made) => ({
        request: `${method.toUpperCase()} ${fillIn(path, made.path)}${queryOf(made.query)}`,
        body: made.body,
        headers: {
          ...(made.body === undefined ? {} : typeOf(operation)),
          ...mapValues(made.headers, (value) => String(value).replaceAll(/[^ -~]/g, '')),
        },
        statuses: Object.keys(operation.responses),
      })),
  );
}

function typeOf({ requestBody }: Operation): Record<string, string> {
  const [type] = Object.keys(requestBody?.content ?? {});
  return type === undefined ? {} : { 'content-type': type };
}

function parametersOf(
  document: Document,
  { parameters }: Operation,
  place: Parameter['in'],
  ids: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Record<string, unknown>> {
  const wanted = parameters.filter((parameter) => parameter.in === place);
  const record = Object.fromEntries(
    wanted.map(({ name, schema }) => {
      const made = madeOf(document, schema);
      const [home, ...others] = (ids[name] ?? []).map((id) => fc.constant(id));
      const known = others.map((arbitrary) => ({ arbitrary, weight: 1 }));
      if (home) known.unshift({ arbitrary: home, weight: 12 });
      return [name, fc.oneof(...known, { arbitrary: made, weight: 1 })];
    }),
  );
  const requiredKeys = wanted.filter(({ required }) => required).map(({ name }) => name);
  return fc.record(record, { requiredKeys });
}

function bodyOf(document: Document, { requestBody }: Operation): fc.Arbitrary<unknown> {
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined) return linesOf(document, requestBody?.content ?? {});
  const made = madeOf(document, schema);
  return fc.oneof({ arbitrary: made, weight: 12 }, { arbitrary: fc.jsonValue(), weight: 1 });
}

/** Some lines of newline-delimited JSON, where the body is such; else none. */
function linesOf(
  document: Document,
  content: Readonly<Record<string, { schema: Schema }>>,
): fc.Arbitrary<string | undefined> {
  const schema = content['application/x-ndjson']?.schema;
  if (schema === undefined) return fc.constant(undefined);
  const lines = fc.array(madeOf(document, schema), { maxLength: 5 });
  return lines.map((made) => made.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** A value that fits the schema; now and then one that does not. */
function madeOf(document: Document, schema: Schema): fc.Arbitrary<unknown> {
  const fitting = fittingOf(document, schema);
  return fc.oneof({ arbitrary: fitting, weight: 20 }, { arbitrary: hostile, weight: 1 });
}

/** Texts that have broken something somewhere. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    '\u202e',
    '\ud800',
    "' or 1=1 --",
    '../..',
    '%00',
    '{}',
    'a'.repeat(5000),
  ),
  fc.constantFrom(null, -1, 1e308, 2 ** 53, 0.1, true, [], {}),
  fc.string({ unit: 'binary' }),
);

function fittingOf(document: Document, schema: Schema): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return madeOf(document, document.components.schemas[name] ?? {});
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map((one) => madeOf(document, one)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(document, schema);
    case 'array':
      return fc.array(madeOf(document, schema.items ?? {}), { maxLength: 5 });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textOf(schema);
    default:
      return fc.jsonValue();
  }
}

function objectOf(document: Document, { properties = {}, required = [] }: Schema) {
  const members = mapValues(properties, (schema) => madeOf(document, schema));
  const requiredKeys = required.filter((name) => name in properties);
  return fc.record(members, { requiredKeys });
}

/** Slugs from a small stock, so that some are taken. */
function textOf({ pattern, minLength = 0, maxLength = 300 }: Schema): fc.Arbitrary<string> {
  if (pattern?.includes('a-z0-9-') === true) {
    return fc.oneof(
      fc.stringMatching(/^[a-c]{1,2}$/),
      fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
    );
  }
  if (pattern !== undefined && pattern.length < 60) return fc.stringMatching(new RegExp(pattern));
  const unit = fc.constantFrom('grapheme', 'binary', 'grapheme-ascii');
  return unit.chain((kind) =>
    fc.string({ unit: kind as 'binary', minLength, maxLength: Math.min(maxLength, 300) }),
  );
}

function fillIn(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(values[name]) || '-');
}

function queryOf(values: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${encoded(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** The ids of a world in which something of everything is there; a text stands for each till it is sent. */
const kinds = [
  'organization',
  'database',
  'branch',
  'team',
  'member',
  'invitation',
  'application',
  'owned_application',
  'client_secret',
  'personal_application',
  'personal_secret',
  'resource_server',
  'secret',
].concat(['external_organization', 'external_database', 'external_branch', 'who']);
const placeholders = Object.fromEntries(
  kinds.map((kind) => [kind, [`<home ${kind}>`, `<abroad ${kind}>`]]),
);

interface Stage {
  readonly ids: Readonly<Record<'home' | 'abroad', Record<string, string>>>;
  readonly callers: readonly Caller[];
}

/** Sends generated requests, by callers of every kind. @returns how many were sent. */
export async function sendGenerated(api: ApiServer, numRuns: number): Promise<number> {
  const document = (await (await fetch(`${api.issuer}/api/openapi.json`)).json()) as Document;
  const setStage = await stageSetter(api);
  let stage = await setStage();
  let sent = 0;
  let good = 0;
  await fc.assert(
    fc.asyncProperty(
      requestsOf(document, placeholders),
      fc.nat(stage.callers.length - 1),
      async ({ request, body, headers, statuses }, caller) => {
        const answer = (await stage.callers[caller]?.send(resolved(request, stage), {
          body,
          headers,
        })) as Answer;
        sent += 1;
        check(answer, statuses);
        if (answer.status >= 300) return;
        good += 1;
        if (endsSomething.test(request)) stage = await setStage();
      },
    ),
    { numRuns },
  );
  if (good < sent / 10) throw new Error(`of ${sent} requests only ${good} were let through`);
  return sent;
}

/** After these something that the others need is gone. */
const endsSomething = /^DELETE|\/(leave|suspend|step-down)$/;

function resolved(request: string, { ids }: Stage): string {
  return request.replaceAll(/%3C(home|abroad)%20(\w+)%3E/g, (_, where: 'home', kind: string) =>
    encodeURIComponent(ids[where][kind] ?? ''),
  );
}

const endOwn = statement('delete from clients where owner_account_id = $1');

/** The same people in a new organization each time; another one is always there. */
async function stageSetter(api: ApiServer): Promise<() => Promise<Stage>> {
  const first = await makeWorld(api.db);
  await makeApplication(api.db, 'an-application');
  const { admin, member } = first.accounts;
  const inBrowser = await api.inBrowser(admin);
  const service = await api.byService();
  const abroad = printed((await makeWorld(api.db)).ids);
  return async () => {
    await api.db.query(endOwn, [admin]); // a person has only so many
    const own = await makePersonalApplication(api.db, inSession(admin));
    const made = await makeWorld(api.db);
    const ids = { ...made.ids, ...own };
    const { organizationId } = ids;
    for (const [accountId, role] of [
      [admin, 'organization_admin'],
      [member, 'organization_member'],
    ] as const) {
      await insertMember(api.db, { organizationId, accountId, role });
    }
    const named = { slug: freshSlug(), name: 'Synced', administrator: emailOf(admin) };
    await service.send(requestOf('syncOrganization', printed(ids)), { body: named });
    const byToken = [
      await api.byToken(admin, organizationId),
      await api.byToken(member, organizationId),
    ];
    return { ids: { home: printed(ids), abroad }, callers: [inBrowser, ...byToken, service] };
  };
}

function check({ status, text }: Answer, statuses: readonly string[]): void {
  if (status >= 500) throw new Error(`${status}: ${text}`);
  // The router refuses an address that cannot be decoded before any row is known.
  if (![...statuses, '400', '404', '405'].includes(String(status))) {
    throw new Error(`the document does not know ${status}: ${text}`);
  }
}
