/**
 * A whole MCP server behind Usher, on Express: every request needs a live token that was asked for this very
 * server, every call of a tool what the tool needs at that moment, and a list shows what can be called.
 *
 * It goes before the transport of any MCP library, and knows none of them.
 *
 * Source: Model Context Protocol, revision 2026-07-28, authorization (challenges, step-up, audience
 * of tokens) and tools (a refused tool is a result with `isError`); RFC 6750 section 3.1; RFC 9728 section 5.1.
 *
 * @module
 */

import { type ExpressMiddleware, type ExpressRequest, guardedPart } from './express-guard.ts';
import { createGuard, type GrantedToken, type GuardParts, type Requirement } from './guard.ts';
import { protectionAt } from './own-address.ts';
import { readAuthorization, type Scheme } from './presented-token.ts';
import type { MetadataOptions } from './protected-resource-metadata.ts';
import { insufficientScope, invalidToken, type Protection, type Refusal } from './refusals.ts';
import { type AnsweredResource, isRecord } from './token-answer.ts';
import {
  checkTool,
  type ToolArguments,
  type ToolNeed,
  type ToolVerdict,
  usableTools,
} from './tools.ts';
import { noAction } from './usher.ts';

/** A request to an MCP server, its body parsed as JSON. */
export interface McpRequest extends ExpressRequest {
  readonly body?: unknown;
  auth?: unknown;
}

/** What an MCP server says about itself, and what its tools need; one without a row needs a live token. */
export interface McpOptions extends MetadataOptions {
  readonly tools: Readonly<Record<string, ToolNeed>>;
}

/** Guards an MCP server. */
export interface McpGuard {
  /** Serves the document of RFC 9728. */
  readonly serveMetadata: ExpressMiddleware<ExpressRequest>;
  /**
   * Goes on with `request.auth` as the official library wants it; with the resource of each call, by the
   * call's id, in `response.locals.resources`; and with the names of the tools to offer in
   * `response.locals.tools`: a list gets those that the token may call on something now.
   */
  readonly protect: ExpressMiddleware<McpRequest>;
}

interface Call {
  readonly id: unknown;
  readonly name: string;
  readonly args: ToolArguments;
}

/** @param serveMetadata answers where the document belongs. */
export function mcpGuard(
  parts: GuardParts,
  { tools, scopes = [] }: McpOptions,
  serveMetadata: ExpressMiddleware<ExpressRequest>,
): McpGuard {
  const { usher, address, issuer } = parts;
  const named = { ...parts, isNamedOnly: true };
  const guard = createGuard(named, { resource: () => 'user' }, anyLive, scopes);
  const protect: McpGuard['protect'] = async (request, response, next) => {
    const answer = (status: number, headers: Readonly<Record<string, string>>, body: unknown) => {
      response.status(status);
      response.set({ ...headers });
      response.json(body);
    };
    try {
      const part = guardedPart(request);
      const verdict = await guard(part, request);
      if (!verdict.ok) return answerRefusal(answer, verdict.refusal);
      if (!isReadable(request)) return answer(400, {}, unreadable);
      const presented = readAuthorization(part.authorization);
      if (presented.kind !== 'token') throw new TypeError('a token was let through without one');
      const protection = protectionAt(address, part.path, issuer);
      const asking = { usher, protection, scopes };
      const { refusal, refused, resources } = await checkCalls(
        asking,
        tools,
        presented,
        request.body,
      );
      if (refusal !== undefined) return answerRefusal(answer, refusal);
      if (refused.size > 0) return answer(200, {}, resultsOf(request.body, refused));
      const isList = messagesIn(request.body).some(({ method }) => method === 'tools/list');
      request.auth = authInfo(presented.token, verdict.token);
      response.locals['token'] = verdict.token;
      response.locals['resources'] = resources;
      response.locals['tools'] = isList
        ? await usableTools(usher, presented.token, tools)
        : new Set(Object.keys(tools));
      next();
    } catch (error) {
      next(error);
    }
  };
  return { serveMetadata, protect };
}

type Answer = (status: number, headers: Readonly<Record<string, string>>, body: unknown) => unknown;

function answerRefusal(answer: Answer, { status, headers, body }: Refusal): void {
  answer(status, headers, body);
}

const unreadable = {
  error: 'invalid_request',
  error_description: 'Send JSON as application/json, and give each call an id of its own.',
};

/**
 * A body that was not parsed would be read by the transport behind, unseen by this guard; and of two calls
 * with one id, one would run on the resource of the other.
 */
function isReadable({ method, body }: McpRequest): boolean {
  if (method !== 'POST') return true;
  const ids = callsIn(body).map(({ id }) => id);
  return typeof body === 'object' && body !== null && new Set(ids).size === ids.length;
}

/** What a call is checked with. */
interface Asking extends Pick<GuardParts, 'usher'> {
  readonly protection: Protection;
  /** What a client whose token is dead has to ask for. */
  readonly scopes: readonly string[];
}

/** Every call of a request is checked before any of them runs. */
async function checkCalls(
  { protection, usher, scopes }: Asking,
  tools: McpOptions['tools'],
  { token, scheme }: { readonly token: string; readonly scheme: Scheme },
  body: unknown,
) {
  const refused = new Map<Call, ToolVerdict>();
  const resources = new Map<unknown, AnsweredResource>();
  const stopped = (refusal: Refusal) => ({ refusal, refused, resources });
  for (const call of callsIn(body)) {
    const need = Object.hasOwn(tools, call.name) ? tools[call.name] : undefined;
    if (need === undefined) continue;
    const verdict = await checkTool(usher, token, need, call.args);
    if (verdict.outcome === 'dead') return stopped(invalidToken(protection, scheme, scopes));
    if (verdict.outcome === 'consent') {
      return stopped(insufficientScope(protection, scheme, { scopes: verdict.scopes }));
    }
    if (verdict.outcome === 'told') refused.set(call, verdict);
    else resources.set(call.id, verdict.resource);
  }
  return { refusal: undefined, refused, resources };
}

/** What the token may do is asked for each tool. */
const anyLive: Requirement = {
  action: noAction,
  check(token) {
    const account = { type: 'user', identifier: token.sub, path: 'user' } as const;
    return { ok: true, token: { ...token, resource: token.resource ?? account } };
  },
};

/** What the official library hands to each tool. */
function authInfo(token: string, { client_id, exp, scope = '', ...live }: GrantedToken) {
  const scopes = scope.split(' ').filter((word) => word !== '');
  const extra = { sub: live.sub, username: live.username };
  return { token, clientId: client_id, scopes, expiresAt: exp, extra };
}

function messagesIn(body: unknown): Record<string, unknown>[] {
  return [body].flat().filter(isRecord);
}

function callsIn(body: unknown): Call[] {
  return messagesIn(body)
    .filter(({ method }) => method === 'tools/call')
    .map(({ id, params }) => {
      const { name, arguments: args } = isRecord(params) ? params : {};
      return { id, name: String(name), args: isRecord(args) ? args : {} };
    });
}

/** A result for each call; where several travel together and one is refused, none of them runs. */
function resultsOf(body: unknown, refused: ReadonlyMap<Call, ToolVerdict>) {
  const byId = new Map([...refused].map(([{ id }, verdict]) => [id, verdict]));
  const results = callsIn(body).map(({ id }) => ({
    jsonrpc: '2.0',
    id,
    result: resultOf(byId.get(id)),
  }));
  return Array.isArray(body) ? results : results[0];
}

function resultOf(verdict: ToolVerdict | undefined) {
  if (verdict?.outcome !== 'told') {
    return { isError: true, content: [{ type: 'text', text: 'Not run: see the other result.' }] };
  }
  const { message, reason, roles } = verdict;
  return {
    isError: true,
    content: [{ type: 'text', text: message }],
    _meta: { 'usher/refusal': { reason, roles } },
  };
}
