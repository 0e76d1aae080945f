/**
 * Dynamic client registration and its management.
 *
 *     POST    /oauth/register             register                              201
 *     GET     /oauth/register/:clientId   read it, no secret in it              200
 *     PUT     /oauth/register/:clientId   replace it, and the token with it     200
 *     DELETE  /oauth/register/:clientId   end it, with its consents and tokens  204
 *
 * The last three take the registration access token as a bearer token. All may be called by pages of
 * any origin: no cookie counts here. Nobody vouches for who
 * registers; what an application may do is decided on the consent page and at each use.
 *
 * Source: RFC 7591 section 3, RFC 7592 section 2.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import { deleteRegistration } from '../applications/delete.ts';
import {
  isRegisteredBefore,
  type RegistrationRequest,
  registerApplication,
} from '../applications/register.ts';
import { type Barred, findManagedClient } from '../applications/registration-credentials.ts';
import { updateRegistration } from '../applications/update.ts';
import { readJson } from '../http/json-body.ts';
import { answerOAuthError, databaseUnavailable } from '../http/oauth-error.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { strictRouter } from '../lib/strict-router.ts';
import type { Origin } from '../storage/audit/audit-log.ts';
import type { Database } from '../storage/engine/database.ts';
import {
  answerError,
  answerShared,
  answerSuspended,
  answerThrottled,
  answerUnauthorized,
  printRegistration,
} from './registration-answers.ts';
import { takeRegistration } from './registration-limit.ts';

/** What the endpoints need to know. */
export interface RegistrationParts {
  readonly database: Database;
  /** Without a slash at the end. */
  readonly issuer: string;
  /** Where redirect URIs of web clients on loopback are refused. */
  readonly production: boolean;
  /** How often one network may register or change applications. */
  readonly attemptsPerHour: number;
  /** The address that a request came from. */
  readonly addressOf: (ctx: Koa.Context) => string;
}

const maxBytes = 16 * 1024;

/** Mounts the endpoints. */
export function clientRegistrationRoutes(parts: RegistrationParts): Router {
  return strictRouter()
    .use(allowOrigins, answerFailures)
    .options(['/oauth/register', '/oauth/register/:clientId'], (ctx) => {
      ctx.status = 204;
    })
    .post('/oauth/register', (ctx) => register(ctx, parts))
    .get('/oauth/register/:clientId', (ctx) => read(ctx, parts))
    .put('/oauth/register/:clientId', (ctx) => update(ctx, parts))
    .delete('/oauth/register/:clientId', (ctx) => remove(ctx, parts));
}

/** The Fetch standard's CORS protocol; without credentials mode, since `*` excludes it. */
async function allowOrigins(ctx: Koa.Context, next: Koa.Next): Promise<void> {
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate');
  if (ctx.method === 'OPTIONS') {
    ctx.set('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE');
    ctx.set('Access-Control-Allow-Headers', 'Authorization, *');
    ctx.set('Access-Control-Max-Age', '3600');
  }
  await next();
}

/** Answers hold secrets, so nobody on the way may keep them. */
async function answerFailures(ctx: Koa.Context, next: Koa.Next): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  try {
    await next();
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error;
    answerOAuthError(ctx, databaseUnavailable);
  }
}

async function register(ctx: Koa.Context, parts: RegistrationParts): Promise<void> {
  const request = await readRequest(ctx, parts);
  if (request === undefined) return;
  const result = await registerApplication(parts.database, request);
  if (result.outcome === 'refused') return answerError(ctx, 400, result);
  ctx.status = 201;
  ctx.body = printRegistration(result, parts.issuer);
}

async function read(ctx: Koa.Context, { database, issuer }: RegistrationParts): Promise<void> {
  const credentials = credentialsOf(ctx);
  const found = await findManagedClient(database, credentials);
  if (found.outcome !== 'managed') return answerBarred(ctx, found);
  const { token } = credentials;
  ctx.body = printRegistration({ client: found.client, secret: undefined, token }, issuer);
}

async function update(ctx: Koa.Context, parts: RegistrationParts): Promise<void> {
  const credentials = credentialsOf(ctx);
  // Before the body is read: a stranger learns nothing about it, and uses up nobody's attempts.
  const found = await findManagedClient(parts.database, credentials);
  if (found.outcome !== 'managed') return answerBarred(ctx, found);
  const request = await readRequest(ctx, parts);
  if (request === undefined) return;
  const result = await updateRegistration(parts.database, credentials, request);
  if (result.outcome === 'refused') return answerError(ctx, 400, result);
  if (result.outcome !== 'updated') return answerBarred(ctx, result);
  ctx.body = printRegistration(result, parts.issuer);
}

async function remove(ctx: Koa.Context, parts: RegistrationParts): Promise<void> {
  const origin = originOf(ctx, parts);
  const result = await deleteRegistration(parts.database, credentialsOf(ctx), origin);
  if (result.outcome !== 'deleted') return answerBarred(ctx, result);
  ctx.status = 204;
}

/** @returns undefined when the request was answered: too many, too large, or not JSON. */
async function readRequest(
  ctx: Koa.Context,
  parts: RegistrationParts,
): Promise<RegistrationRequest | undefined> {
  const { production, database, attemptsPerHour } = parts;
  const body = await readJson(ctx, maxBytes);
  const request =
    body.outcome === 'refused'
      ? undefined
      : { input: body.input, production, origin: originOf(ctx, parts) };
  const isRepeated =
    ctx.method === 'POST' && request !== undefined && (await isRegisteredBefore(database, request));
  const wait = isRepeated
    ? undefined
    : await takeRegistration(database, parts.addressOf(ctx), attemptsPerHour);
  if (wait !== undefined) answerThrottled(ctx, wait);
  else if (body.outcome === 'refused') {
    answerError(ctx, body.status, { error: 'invalid_client_metadata', description: body.reason });
  }
  return wait === undefined ? request : undefined;
}

function originOf(ctx: Koa.Context, { addressOf }: RegistrationParts): Origin {
  const userAgent = ctx.get('User-Agent') || undefined;
  return { address: addressOf(ctx) || undefined, userAgent };
}

/** RFC 6750 section 2.1. Without a token the empty one is looked for: nobody has it. */
function credentialsOf(ctx: Koa.Context & { params?: Record<string, string> }) {
  const [, token = ''] =
    /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(ctx.get('Authorization')) ?? [];
  return { clientId: ctx.params?.['clientId'] ?? '', token };
}

function answerBarred(ctx: Koa.Context, { outcome }: Barred): void {
  if (outcome === 'suspended') answerSuspended(ctx);
  else if (outcome === 'shared') answerShared(ctx);
  else answerUnauthorized(ctx, ctx.get('Authorization') !== '');
}
