/**
 * The OpenAPI document as a page shows it: operations by subject, then the schemas that they name.
 *
 * @module
 */

import { marked } from 'marked';
import { Markup } from '../../lib/markup.ts';

/** A JSON Schema, as far as this API uses it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Answer['content'] };
  readonly responses: Readonly<Record<string, Answer>>;
}

/** The document, as far as the page reads it. */
interface ReadableDocument {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/**
 * Made once: what the view writes for every reader.
 *
 * @param document the OpenAPI document as it is published.
 */
export function referenceOf(document: ReadableDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(method, path, operation)),
  );
  return {
    about: markdown(document.info.description),
    subjects: document.tags.map(({ name }) => ({
      name,
      id: anchor(name),
      operations: operations.filter(({ subject }) => subject === name),
    })),
    schemas: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      id: `schema-${name}`,
      about: markdown(schema.description ?? ''),
      type: typeOf(schema),
      fields: fieldsOf(schema),
    })),
  };
}

function toOperation(method: string, path: string, operation: Operation) {
  const { operationId: id, tags, summary, description, security, parameters } = operation;
  return {
    id,
    subject: tags[0],
    method: method.toUpperCase(),
    path,
    summary,
    about: markdown(description),
    callers: security.flatMap((scheme) => Object.keys(scheme)),
    parameters: parameters.map(({ name, in: where, required, description: about, schema }) => ({
      name,
      where,
      isRequired: required === true,
      type: typeOf(schema),
      about: markdown(about ?? ''),
    })),
    body: contentType(operation.requestBody?.content),
    answers: Object.entries(operation.responses).map(([status, answer]) => ({
      status,
      about: markdown(answer.description),
      type: contentType(answer.content),
    })),
  };
}

function contentType(content: Answer['content']): Markup | undefined {
  const [media] = Object.entries(content ?? {});
  if (media === undefined) return undefined;
  const [type, { schema }] = media;
  return schema === undefined ? markdown(`\`${type}\``) : typeOf(schema);
}

/** What a schema takes, in one line: names of schemas are links to them. */
function typeOf(schema: Schema): Markup {
  return markdown(typeText(schema));
}

function typeText(schema: Schema): string {
  const { $ref, type, enum: values, items, anyOf, oneOf, format } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#schema-${name})`;
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (values !== undefined) return values.map((value) => code(JSON.stringify(value))).join(' or ');
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return choices.map(typeText).join(' or ');
  if (items !== undefined) return `list of ${typeText(items)}`;
  const names = typeof type === 'string' ? [type] : (type ?? ['anything']);
  return [names.join(' or '), format].filter(Boolean).join(', ');
}

function fieldsOf({ properties = {}, required = [] }: Schema) {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    isRequired: required.includes(name),
    type: typeOf(schema),
    about: markdown(schema.description ?? ''),
  }));
}

function code(text: string): string {
  return `\`${text}\``;
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

/** The document's own texts are Markdown (CommonMark), and hold nothing that a caller sent. */
function markdown(text: string): Markup {
  const html = text.includes('\n') ? marked.parse(text) : marked.parseInline(text);
  return new Markup(html as string);
}
