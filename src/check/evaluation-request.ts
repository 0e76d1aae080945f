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
import { mapWithPauses } from '../lib/pauses.ts';

/** Who does it. */
type Subject =
  | { readonly type: 'access_token'; readonly token: string }
  /** A UUID; undefined when the id is nobody's. */
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

/** Nobody looks into it, so it is not gone through either: it may be most of the body. */
const properties = z.custom<object>(isObject, 'must be an object').optional();
const entity = z.object({ type: text, id: text, properties });
const parts = z.object({
  subject: entity,
  action: z.object({ name: text, properties }),
  resource: entity,
  context: properties,
});

const partNames = ['subject', 'action', 'resource', 'context'] as const;
type Parts = { readonly [Name in (typeof partNames)[number]]?: unknown };

/** How many questions one request may hold. */
const maxEvaluations = 1000;

/** Counted before anything is done for each. */
export const listOfQuestions = z
  .custom<readonly unknown[]>(Array.isArray, 'must be a list')
  .refine(({ length }) => length <= maxEvaluations, `must have at most ${maxEvaluations} items`);

/** What is wrong with one evaluation is that one's fault, so they are looked at one by one. */
const batch = z.object({
  subject: z.unknown().optional(),
  action: z.unknown().optional(),
  resource: z.unknown().optional(),
  context: z.unknown().optional(),
  evaluations: listOfQuestions.default([]),
  options: z
    .object({
      evaluations_semantic: z
        .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
        .default('execute_all'),
    })
    .optional(),
});

/** A malformed request; the message names the property. */
export class MalformedRequestError extends Error {
  override readonly name = 'MalformedRequestError';
  readonly code = 'malformed_request';
}

/** @throws {MalformedRequestError} also when a part is missing or names nothing that there is. */
export function readEvaluation(body: unknown): Evaluation {
  const evaluation = read(body);
  if ('fault' in evaluation) throw new MalformedRequestError(evaluation.fault);
  return evaluation;
}

/** A batch of evaluations, and when to stop answering. */
export interface Batch {
  readonly evaluations: readonly ReadEvaluation[];
  readonly semantics: Semantics;
}

/**
 * Reads a batch; the properties beside `evaluations` are the defaults of each, and one that an
 * evaluation has itself replaces the default as a whole.
 *
 * @returns undefined where there are no `evaluations`: the body is that of a single one.
 * @throws {MalformedRequestError} the batch itself has not the form of one.
 */
export async function readEvaluations(body: unknown): Promise<Batch | undefined> {
  const parsed = batch.safeParse(body);
  if (!parsed.success) throw new MalformedRequestError(faultOf(parsed.error));
  const { evaluations, options, ...defaults } = parsed.data;
  if (evaluations.length === 0) return undefined;
  return {
    evaluations: await mapWithPauses(evaluations, (own) => read(withDefaults(own, defaults))),
    semantics: options?.evaluations_semantic ?? 'execute_all',
  };
}

/** Reads only the known properties: there may be any number of others. */
function withDefaults(own: unknown, defaults: Parts): unknown {
  if (!isObject(own)) return own;
  const given: Parts = own;
  const merged: Record<string, unknown> = {};
  for (const name of partNames) merged[name] = name in given ? given[name] : defaults[name];
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns where the first fault is, and what it is. */
export function faultOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'the body'}: ${issue?.message}`;
}

function read(body: unknown): ReadEvaluation {
  const parsed = parts.safeParse(body);
  if (!parsed.success) return { fault: faultOf(parsed.error) };
  const { subject, action, resource } = parsed.data;
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
