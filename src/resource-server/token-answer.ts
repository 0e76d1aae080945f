/**
 * Usher's answer about a token, checked before anything relies on it.
 *
 * What is missing or odd in an answer is a failure, never a "no" and never a "yes".
 *
 * Source: RFC 7662 section 2.2; Usher's own `resource` and `below`.
 *
 * @module
 */

import { ResourceServerError } from './errors.ts';

/** The kinds of resource. */
export type ResourceType = 'user' | 'organization' | 'database' | 'branch';

/** What is known about a token, at the moment of the question. */
export type TokenAnswer = { readonly active: false } | LiveToken;

/** A live access token, with the names of RFC 7662. */
export interface LiveToken {
  readonly active: true;
  readonly iss: string;
  /** The account behind the token. */
  readonly sub: string;
  readonly username?: string;
  readonly client_id: string;
  readonly token_type: 'Bearer' | 'DPoP';
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  /** When the user signed in for the token, in seconds since 1970 (RFC 9470 section 6.2). */
  readonly auth_time?: number;
  /** The class of that sign-in. */
  readonly acr?: string;
  /** The scopes that hold on the very resource, as `level:name`, separated by spaces. */
  readonly scope?: string;
  /** Absent when the resource is not there, or the token does not reach it. */
  readonly resource?: AnsweredResource;
  /** The scopes that hold on something under the resource. */
  readonly below?: readonly string[];
  readonly aud?: string;
  /** The key that the token is bound to. */
  readonly cnf?: Readonly<Record<string, unknown>>;
}

/** The resource that the question named, by the id that never changes. */
export interface AnsweredResource {
  readonly type: ResourceType;
  readonly identifier: string;
  readonly path: string;
  /** Of a branch. */
  readonly production?: boolean;
}

/**
 * @param json what the introspection endpoint answered.
 * @throws {ResourceServerError} `malformed_answer`, or `other_resource` when the answer is about
 *   something else than `resource`.
 */
export function readAnswer(json: unknown, issuer: string, resource: string): TokenAnswer {
  if (!isRecord(json) || typeof json['active'] !== 'boolean')
    throw malformed('"active" is missing');
  if (!json['active']) return { active: false };
  // A refresh token is live too, but opens nothing; it has no type (RFC 7662 section 2.2).
  if (json['token_type'] === undefined) return { active: false };
  checkProperties(json);
  if (json.iss !== issuer) throw malformed(`it comes from ${json.iss}`);
  compare(resource, json.resource);
  return frozen(json);
}

type Json = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** Each kind has ids of its own. */
const idPrefixes = new Map<unknown, string>([
  ['user', 'user_'],
  ['organization', 'org_'],
  ['database', 'db_'],
  ['branch', 'br_'],
]);

const isResource: Check = (value) => {
  if (!isRecord(value)) return false;
  const { type, identifier, path, production } = value;
  const prefix = idPrefixes.get(type);
  return (
    prefix !== undefined &&
    typeof identifier === 'string' &&
    identifier.startsWith(prefix) &&
    isText(path) &&
    (production === undefined || typeof production === 'boolean')
  );
};

/** What each property of a live token has to be. */
const properties: Readonly<Record<Exclude<keyof LiveToken, 'active'>, Check>> = {
  iss: isText,
  sub: isText,
  username: optional(isText),
  client_id: isText,
  token_type: (value) => value === 'Bearer' || value === 'DPoP',
  iat: Number.isSafeInteger,
  exp: Number.isSafeInteger,
  auth_time: optional(Number.isSafeInteger),
  acr: optional(isText),
  scope: optional(isText),
  below: optional((value) => Array.isArray(value) && value.every(isText)),
  cnf: optional(isRecord),
  aud: optional(isText),
  resource: optional(isResource),
};

function checkProperties(json: Json): asserts json is Json & LiveToken {
  for (const [name, check] of Object.entries(properties)) {
    if (!check(json[name])) throw malformed(`"${name}" is not as it should be`);
  }
}

/** An answer about another resource would open one door with the right to another. */
function compare(asked: string, answered: AnsweredResource | undefined): void {
  if (answered === undefined) return;
  const isId = /^(org|db|br)_/.test(asked);
  const name = isId ? answered.identifier : answered.path;
  if (name === (isId ? asked : asked.replace(/^\//, ''))) return;
  throw new ResourceServerError('other_resource', `asked about ${asked}, answered about ${name}`);
}

/** One answer may serve several requests: none of them can change it. */
function frozen(answer: LiveToken): LiveToken {
  for (const value of Object.values(answer)) {
    if (typeof value === 'object') Object.freeze(value);
  }
  return Object.freeze(answer);
}

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error for an answer that nothing may rely on. */
export function malformed(why: string): ResourceServerError {
  return new ResourceServerError('malformed_answer', `Usher's answer cannot be used: ${why}`);
}
