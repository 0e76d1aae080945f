/**
 * The request of an access evaluation, checked and taken apart.
 *
 * Source: AuthZEN Authorization API 1.0, sections 6 (evaluation) and 7 (evaluations).
 *
 * @module
 */

import { z } from 'zod';
import { type PermissionId, permissions } from '../catalogue/permissions.ts';
import { isScopeName, type ScopeName } from '../catalogue/scopes.ts';
import { parseId } from '../lib/ids.ts';

/** Who does it. */
type Subject =
  | { readonly type: 'access_token'; readonly token: string }
  /** A UUID. */
  | { readonly type: 'user'; readonly accountId: string | undefined };

/** What is done: a permission by its bare name, or a scope as `level:name`. */
export type Action =
  | { readonly type: 'permission'; readonly permission: PermissionId }
  | { readonly type: 'scope'; readonly scope: ScopeName };

/** One question. `resource` is as introspection takes it: an id, `external:<id>` or a slug path. */
export interface Evaluation {
  readonly subject: Subject;
  readonly action: Action;
  readonly resource: { readonly type: string; readonly id: string };
}

/** A question, or what is wrong with it. */
export type ReadEvaluation = Evaluation | { readonly fault: string };

/** When to stop answering. */
export type Semantics = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit';

const text = z.string().min(1).max(1000);
const properties = z.record(z.string(), z.unknown()).optional();
const entity = z.object({ type: text, id: text, properties });
const parts = z.object({
  subject: entity.optional(),
  action: z.object({ name: text, properties }).optional(),
  resource: entity.optional(),
  context: properties,
});

/** How many questions one request may hold. */
export const maxEvaluations = 1000;

const batch = parts.extend({
  evaluations: z.array(parts).max(maxEvaluations).optional(),
  options: z
    .object({
      evaluations_semantic: z
        .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
        .default('execute_all'),
    })
    .optional(),
});

/** A request that has not the form of one; the message names the member. */
export class MalformedRequestError extends Error {
  override readonly name = 'MalformedRequestError';
  readonly code = 'malformed_request';
}

/** @throws {MalformedRequestError} also when a part is missing or names nothing that there is. */
export function readEvaluation(body: unknown): Evaluation {
  const evaluation = complete(parse(parts, body));
  if ('fault' in evaluation) throw new MalformedRequestError(evaluation.fault);
  return evaluation;
}

/**
 * Reads a batch; the members beside `evaluations` are the defaults of each.
 *
 * @throws {MalformedRequestError} the batch itself has not the form of one.
 */
export function readEvaluations(body: unknown): {
  readonly evaluations: readonly ReadEvaluation[];
  readonly semantics: Semantics;
} {
  const { evaluations = [{}], options, ...defaults } = parse(batch, body);
  return {
    evaluations: evaluations.map((evaluation) => complete({ ...defaults, ...evaluation })),
    semantics: options?.evaluations_semantic ?? 'execute_all',
  };
}

function parse<Shape>(shape: z.ZodType<Shape>, body: unknown): Shape {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MalformedRequestError(`${issue?.path.join('.') || 'the body'}: ${issue?.message}`);
}

function complete({ subject, action, resource }: z.infer<typeof parts>): ReadEvaluation {
  if (subject === undefined) return { fault: 'subject is missing' };
  if (action === undefined) return { fault: 'action is missing' };
  if (resource === undefined) return { fault: 'resource is missing' };
  const who = readSubject(subject);
  if (who === undefined) return { fault: 'subject.type must be access_token or user' };
  const what = readAction(action.name);
  if (what === undefined) {
    return { fault: 'action.name is neither a permission nor a scope as level:name' };
  }
  return { subject: who, action: what, resource };
}

function readSubject({ type, id }: z.infer<typeof entity>): Subject | undefined {
  if (type === 'access_token') return { type, token: id };
  if (type === 'user') return { type, accountId: parseId('user', id) };
  return undefined;
}

const permissionIds: ReadonlySet<string> = new Set(permissions.map(({ id }) => id));

function readAction(name: string): Action | undefined {
  if (isScopeName(name)) return { type: 'scope', scope: name };
  if (!permissionIds.has(name)) return undefined;
  return { type: 'permission', permission: name as PermissionId };
}
