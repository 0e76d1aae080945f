/**
 * What the OpenAPI document calls the bodies and answers of the routes.
 *
 * @module
 */

import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** A content of JSON, by a schema of the document. */
export function json(name: string, more: Json = {}): Json {
  const schema = { $ref: `#/components/schemas/${name}` };
  return { ...more, content: { 'application/json': { schema } } };
}

/** The schema of what a route takes. */
export function bodyName({ id }: Route): string {
  return `${capital(id)}Body`;
}

/** The schema of what a route answers; a thing that many routes answer has a name of its own. */
export function answerName({ id, answer }: Route): string {
  return answer?.meta()?.id ?? `${capital(id)}Answer`;
}

function capital(id: string): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
}
