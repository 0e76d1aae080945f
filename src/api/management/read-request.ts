/**
 * Reads query and body by their schemas, and names every field that cannot be taken.
 *
 * @module
 */

import type Koa from 'koa';
import type { z } from 'zod';
import { readJson } from '../../http/json-body.ts';
import { type FieldFault, invalid } from '../../organizations/refusals.ts';
import { fieldMessage } from './field-messages.ts';
import { ProblemError } from './problems.ts';
import type { Route } from './route.ts';

const usualBytes = 64 * 1024;

/** @throws {RefusedError} `invalid`: unknown or unfit parameters. */
export function readQuery(schema: z.ZodType, ctx: Koa.Context): unknown {
  return check(schema, { ...ctx.query });
}

/**
 * @throws {RefusedError} `invalid`: unknown or unfit properties.
 * @throws {ProblemError} not JSON, or too much of it.
 */
export async function readBody(
  { body: schema, isBodyOptional = false, maxBytes = usualBytes }: Taken,
  ctx: Koa.Context,
): Promise<unknown> {
  if (schema === undefined) return undefined;
  if (isBodyOptional && isWithoutBody(ctx)) return check(schema, {});
  const read = await readJson(ctx, maxBytes);
  if (read.outcome === 'read') return check(schema, read.input);
  throw new ProblemError(problemOf(read), { detail: read.reason });
}

/** What a route says of its body. */
type Taken = Pick<Route, 'body' | 'isBodyOptional' | 'maxBytes'>;

/** Source: RFC 9112 section 6.3. */
function isWithoutBody(ctx: Koa.Context): boolean {
  return ['', '0'].includes(ctx.get('Content-Length')) && ctx.get('Transfer-Encoding') === '';
}

function problemOf({ status, isTooLarge }: { status: 400 | 415; isTooLarge?: boolean }) {
  if (isTooLarge) return 'too-large';
  return status === 415 ? 'unsupported-media-type' : 'unreadable';
}

/** @throws {RefusedError} `invalid`, with a line for each fault. */
function check<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input, { error: fieldMessage });
  if (parsed.success) return parsed.data;
  throw invalid(...faultsOf(parsed.error));
}

/** More than any good request could have, and few enough to be listed. */
const mostFaults = 100;

/**
 * What is wrong, field by field; an unknown property is a fault of its own. Of very many only the first
 * are named.
 */
export function faultsOf({ issues }: z.ZodError): FieldFault[] {
  const faults: FieldFault[] = [];
  for (const issue of issues.slice(0, mostFaults)) {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') {
      faults.push({ field: path.join('.') || 'body', message: issue.message });
      continue;
    }
    for (const key of issue.keys.slice(0, mostFaults)) {
      const field = [...path, key].join('.').slice(0, 100);
      faults.push({ field, message: 'is not known here' });
    }
  }
  return faults.slice(0, mostFaults);
}
