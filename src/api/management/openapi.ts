/**
 * The OpenAPI document: the tables of routes, in another form.
 *
 * Source: OpenAPI Specification 3.1.1; JSON Schema 2020-12.
 *
 * @module
 */

import { z } from 'zod';
import type { Way } from '../../organizations/actor.ts';
import { waysOf } from '../../organizations/acts.ts';
import * as accessSchemas from './access-schemas.ts';
import { basePath } from './base-path.ts';
import { keyForm } from './conditions.ts';
import { answerName, bodyName, json } from './openapi-names.ts';
import { responses } from './openapi-responses.ts';
import * as ofOwned from './owned-application-schemas.ts';
import { describeId, namesIn } from './path-parameters.ts';
import { problems, reasons } from './problems.ts';
import * as ofResourceServers from './resource-server-schemas.ts';
import { isLook, type Route } from './route.ts';
import { routeTables } from './routes.ts';
import * as schemas from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** @param issuer where the API is; without a slash at the end. */
export function openApiDocument(issuer: string): Json {
  return {
    openapi: '3.1.1',
    info: { title: 'Usher management API', version: '1', description },
    servers: [{ url: `${issuer}${basePath}` }],
    tags: Object.keys(routeTables).map((name) => ({ name })),
    paths: paths(),
    components: { schemas: components(), securitySchemes: securitySchemes(issuer) },
  };
}

const description = `Organizations, members, teams, databases and branches, and who may do what there.

A *token* does what its scopes say, as far as the role of the person behind it goes at that moment. A
*browser session* does what the role gives; from a page of this origin, changes carry the header
\`X-Usher-Request: 1\`. A *service client* of the platform keeps the tree in step.

What does not exist and what the caller may not know of look the same: 404. A page of a list names the
next one in \`next_cursor\`. An address takes the slug of an organization, database, branch or team in place
of its id. \`If-Match\` with the \`ETag\` of what was read guards a change, and a deletion by slug needs it
(428); \`If-None-Match\` spares reading again what is known (304). A creation with an \`Idempotency-Key\` is
done once within 24 hours, and gives the same answer again.

Problems are those of RFC 9457. Callers switch on \`type\`, \`urn:usher:problem:...\`:

${Object.entries(problems)
  .map(([name, [status, title]]) => `- \`${name}\` (${status}): ${title}.`)
  .join('\n')}

and, where there is one, on \`reason\`:

${Object.entries(reasons)
  .map(([name, text]) => `- \`${name}\`: ${text}`)
  .join('\n')}`;

function securitySchemes(issuer: string): Json {
  const issued = `issued at ${issuer}/oauth/token`;
  const cookie = issuer.startsWith('https:') ? '__Host-usher_session' : 'usher_session';
  const page = 'Changes also carry the header `X-Usher-Request: 1`.';
  const bound = 'An access token that is bound to a key';
  const proof =
    'Each request carries a proof of its own in the header `DPoP` (RFC 9449 section 7.1).';
  const ofService = `A token of ten minutes of a service client of the platform, ${issued}.`;
  return {
    token: { type: 'http', scheme: 'bearer', description: `An access token, ${issued}.` },
    dpop: { type: 'http', scheme: 'dpop', description: `${bound}, ${issued}. ${proof}` },
    session: { type: 'apiKey', in: 'cookie', name: cookie, description: page },
    service: { type: 'http', scheme: 'bearer', description: ofService },
  };
}

function paths(): Json {
  const found: Record<string, Record<string, Json>> = {};
  for (const [tag, table] of Object.entries(routeTables)) {
    for (const route of table) {
      const [method = '', path = ''] = route.address.split(' ');
      found[path] = { ...found[path], [method.toLowerCase()]: operation(route, tag) };
    }
  }
  return found;
}

function operation(route: Route, tag: string): Json {
  const { id, summary, description: more } = route;
  const byToken = byWhom(route);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: more === undefined ? byToken : `${more}\n\n${byToken}`,
    security: waysInto(route).flatMap((way) => schemes[way].map((scheme) => ({ [scheme]: [] }))),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headers(route)],
    ...requestBody(route),
    responses: responses(route),
  };
}

const schemes = {
  session: ['session'],
  application: ['token', 'dpop'],
  service: ['service'],
} as const satisfies Record<Way, readonly string[]>;

/** An application needs a scope for it; the platform's own addresses are for nobody else. */
function waysInto({ act, ways, scopes, isForPlatform }: Route): Way[] {
  if (isForPlatform) return ['service'];
  const open = act === undefined ? (ways ?? ['session']) : waysOf(act);
  return open.filter((way) => way !== 'application' || scopes.length > 0);
}

function byWhom({ scopes, isForPlatform }: Route): string {
  if (isForPlatform) return 'For service clients of the platform.';
  if (scopes.length === 0) return 'Not by token.';
  return `By token: ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`;
}

function requestBody(route: Route): Json {
  const { body, line, isBodyOptional = false } = route;
  if (body !== undefined) {
    return { requestBody: json(bodyName(route), { required: !isBodyOptional }) };
  }
  if (line === undefined) return {};
  const schema = { $ref: `#/components/schemas/${bodyName(route)}` };
  return { requestBody: { required: true, content: { 'application/x-ndjson': { schema } } } };
}

function pathParameters({ address }: Route): Json[] {
  return namesIn(address).map((name) => {
    const { form, example } = describeId(name);
    const schema = { type: 'string', pattern: form, examples: [example] };
    return { name, in: 'path', required: true, schema };
  });
}

function queryParameters({ query }: Route): Json[] {
  const { properties = {}, required = [] } = plain(z.toJSONSchema(query, { io: 'input' })) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description: about, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(about === undefined ? {} : { description: about }),
    schema,
  }));
}

function headers(route: Route): Json[] {
  const { status, current, line } = route;
  const header = (name: string, about: string, form?: RegExp) => ({
    name,
    in: 'header',
    required: false,
    description: about,
    schema: { type: 'string', maxLength: 255, ...(form && { pattern: form.source }) },
  });
  const done = 'Done once; the same request again gives the same answer.';
  return [
    ...(status === 201 || line !== undefined ? [header('Idempotency-Key', done, keyForm)] : []),
    ...(current === undefined
      ? []
      : [
          header('If-Match', 'The `ETag` of what was read; 412 if it was changed meanwhile.'),
          header('If-None-Match', '`*`: only if it is not there, else 412.'),
        ]),
    ...(isLook(route)
      ? [header('If-None-Match', 'The `ETag` of what was read; 304 if it is still so.')]
      : []),
  ];
}

/** Schemas with a name of their own, then what each route takes and gives. */
function components(): Json {
  const answers = z.registry<{ id: string }>();
  const own = [schemas, accessSchemas, ofResourceServers, ofOwned].flatMap((part) =>
    Object.values(part),
  );
  for (const schema of own) {
    const id = schema instanceof z.ZodType ? schema.meta()?.id : undefined;
    if (id !== undefined) answers.add(schema as z.ZodType, { id });
  }
  const bodies = z.registry<{ id: string }>();
  for (const route of Object.values(routeTables).flat()) {
    const body = route.body ?? route.line;
    if (body !== undefined) bodies.add(body.clone(), { id: bodyName(route) });
    if (route.answer !== undefined && route.answer.meta()?.id === undefined) {
      answers.add(route.answer.clone(), { id: answerName(route) });
    }
  }
  return { ...fromRegistry(answers, 'output'), ...fromRegistry(bodies, 'input') };
}

function fromRegistry(registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output'): Json {
  const uri = (id: string) => `#/components/schemas/${id}`;
  const override = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    // An answer may get more properties one day; a body may not.
    if (io === 'output') delete jsonSchema.additionalProperties;
  };
  const { schemas: found } = z.toJSONSchema(registry, { io, uri, override });
  return Object.fromEntries(Object.entries(found).map(([id, schema]) => [id, plain(schema)]));
}

/** Without what belongs to a schema document of its own. */
function plain({ $schema, $id, id, ...schema }: Record<string, unknown>): Json {
  return schema;
}
