/**
 * What a `scope` parameter means: bare names expanded, and nothing unknown dropped in silence.
 *
 * The library filters names that it does not know before it asks anyone. These functions run first,
 * from the hooks that it calls at the authorization, PAR and token endpoints.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type Expansion, expandForRefresh, expandForRequest } from '../catalogue/expand-scope.ts';
import {
  allScopes,
  emptySet,
  formatScope,
  intersect,
  isEmpty,
  parseScopeSet,
} from '../catalogue/scope-set.ts';
import { formatAskedScope, parseAskedScope } from '../consent/asked-scope.ts';
import type { RegisteredResource } from '../storage/clients/resource-servers.ts';
import type { LibraryClient } from './client-metadata.ts';

/**
 * Replaces the `scope` of an authorization request by its canonical form; where it says none, by the
 * default (RFC 6749 section 3.3). Of a request for one resource server only what that accepts is left,
 * so that nobody is asked to consent to what its token cannot do (RFC 8707 section 2.2).
 *
 * @throws {errors.InvalidScope} nothing is asked, or what is not in the catalogue, not open to the
 *   client, or nothing that the resource server accepts.
 */
export function expandRequestScope(
  ctx: KoaContextWithOIDC,
  client: LibraryClient,
  resource?: RegisteredResource,
): void {
  const { params = {} } = ctx.oidc;
  const asked = typeof params['scope'] === 'string' ? params['scope'] : '';
  const usual = defaultScopeOf(client, resource);
  const scope = requestedScope(withDefault(asked, usual), client) || requestedScope(usual, client);
  if (scope === '') throw refusedScope(nothingAsked, '');
  params['scope'] = acceptedPart(scope, resource);
}

/**
 * Fills in the default scope as soon as the client is known: the library's checks of `nonce` and of
 * other parameters of OpenID look at the scope before our hooks are asked.
 */
export function assumeDefaultScope(client: ScopesOfClient, resource?: RegisteredResource): void {
  const { oidc } = Provider.ctx ?? {};
  const isPushed = oidc?.route === 'pushed_authorization_request'; // its parameters are read later
  const isAsking = isPushed || oidc?.route === 'authorization';
  const request = (isPushed ? oidc.body : oidc?.params) as Record<string, unknown> | undefined;
  if (!isAsking || request === undefined) return;
  const isElsewhere = request['request_uri'] !== undefined;
  const { scope: asked = '' } = request;
  if (isElsewhere || typeof asked !== 'string') return;
  const scope = withDefault(asked, defaultScopeOf(client, resource));
  if (scope !== '') request['scope'] = scope;
}

/** Hosts add `offline_access` to whatever they ask for: alone it says no more than nothing does. */
function withDefault(asked: string, usual: string): string {
  const isNothing = asked.split(' ').every((word) => word === '' || word === 'offline_access');
  return isNothing ? `${usual} ${asked}`.trim() : asked;
}

const nothingAsked =
  'the request asks for no scope, and neither the application nor a resource has a default: send scope, such as openid';

function acceptedPart(scope: string, resource: RegisteredResource | undefined): string {
  const { accepted, audience = '' } = resource ?? {};
  const { openid, scopes } = parseAskedScope(scope);
  if (accepted === undefined || isEmpty(scopes)) return scope;
  const left = intersect(scopes, accepted);
  if (!isEmpty(left)) return formatAskedScope({ openid, scopes: left });
  const description = `${audience} accepts none of these; it accepts: ${formatScope(accepted)}`;
  throw refusedScope(shortened(description), shortened(formatScope(scopes)));
}

function requestedScope(text: string, client: LibraryClient): string {
  const bound = parseScopeSet(client.usher_scope_bound ?? '');
  const { usher_default_scope: usual } = client;
  const own = usual !== undefined;
  const expansion = expandForRequest(text, bound, own ? parseScopeSet(usual) : undefined);
  return expanded(
    expansion,
    own ? 'not open to applications that register themselves' : 'not registered for this client',
  );
}

type ScopesOfClient = Pick<LibraryClient, 'usher_scope_bound' | 'usher_default_scope'>;

/**
 * What it registered for itself, which may be older than the ceiling; for a resource server that
 * accepts nothing of that, what is asked for there by default.
 */
function defaultScopeOf(client: ScopesOfClient, resource: RegisteredResource | undefined): string {
  const { usher_default_scope: registered = '', usher_scope_bound: bound = '' } = client;
  const { accepted = allScopes, usual = emptySet } = resource ?? {};
  const own = parseAskedScope(registered);
  const limit = parseScopeSet(bound);
  const ownScopes = intersect(own.scopes, limit);
  const there = intersect(usual, limit);
  return isEmpty(intersect(ownScopes, accepted)) && !isEmpty(there)
    ? formatScope(there)
    : formatAskedScope({ openid: own.openid, scopes: ownScopes });
}

/**
 * Replaces the `scope` of a refresh by its canonical form, within what the token was issued with.
 * `offline_access` changes nothing there, so it refuses nothing.
 */
export function expandRefreshScope(ctx: KoaContextWithOIDC, issued: string): void {
  const { params = {} } = ctx.oidc;
  if (typeof params['scope'] !== 'string') return;
  const isOffline = issued.split(' ').includes('offline_access');
  const words = params['scope'].split(' ').filter((word) => isOffline || word !== 'offline_access');
  const expansion = expandForRefresh(words.join(' '), parseScopeSet(issued));
  params['scope'] = expanded(expansion, 'not in this token') || undefined;
}

function expanded(expansion: Expansion, outside: string): string {
  if (expansion.outcome === 'expanded') return expansion.scope;
  const { unknown, unregistered } = expansion;
  const sentences = [
    unknown.length > 0 ? `not in the catalogue: ${unknown.join(', ')}` : '',
    unregistered.length > 0 ? `${outside}: ${unregistered.join(', ')}` : '',
  ].filter((sentence) => sentence !== '');
  // It goes into an address, where each of its characters may take three.
  const description = shortened(sentences.join('; '));
  throw refusedScope(description, shortened([...unknown, ...unregistered].join(' ')));
}

const longestEcho = 200;

/** @returns the text, cut where it is long. */
function shortened(text: string): string {
  return text.length > longestEcho ? `${text.slice(0, longestEcho)}...` : text;
}

/** An answer names the scopes that were refused, where there are any (RFC 6749 section 4.1.2.1). */
function refusedScope(description: string, scope: string): errors.InvalidScope {
  const error = new errors.InvalidScope(description, scope);
  if (scope === '') Reflect.deleteProperty(error, 'scope');
  return error;
}
