/**
 * What a `scope` parameter means: bare names expanded, and nothing unknown dropped in silence.
 *
 * The library filters names that it does not know before it asks anyone. These functions run first,
 * from the hooks that it calls at the authorization, PAR and token endpoints.
 *
 * @module
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Expansion, expandForRefresh, expandForRequest } from '../catalogue/expand-scope.ts';
import { parseScopeSet } from '../catalogue/scope-set.ts';
import type { LibraryClient } from './client-metadata.ts';

/**
 * Replaces the `scope` of an authorization request by its canonical form.
 *
 * @throws {errors.InvalidScope} there is none, or it names what is not in the catalogue or not
 *   registered for the client.
 */
export function expandRequestScope(ctx: KoaContextWithOIDC, client: LibraryClient): void {
  const { params = {} } = ctx.oidc;
  if (typeof params['scope'] !== 'string') {
    throw new errors.InvalidScope('the scope parameter is missing', '');
  }
  const registered = parseScopeSet(client.usher_scope ?? '');
  params['scope'] = expanded(expandForRequest(params['scope'], registered), 'this client');
}

/** Replaces the `scope` of a refresh by its canonical form, within what the token was issued with. */
export function expandRefreshScope(ctx: KoaContextWithOIDC, issued: string): void {
  const { params = {} } = ctx.oidc;
  if (typeof params['scope'] !== 'string') return;
  const expansion = expandForRefresh(params['scope'], parseScopeSet(issued));
  params['scope'] = expanded(expansion, 'this token');
}

function expanded(expansion: Expansion, whose: string): string {
  if (expansion.outcome === 'expanded') return expansion.scope;
  const { unknown, unregistered } = expansion;
  const sentences = [
    unknown.length > 0 ? `not in the catalogue: ${unknown.join(', ')}` : '',
    unregistered.length > 0 ? `not registered for ${whose}: ${unregistered.join(', ')}` : '',
  ].filter((sentence) => sentence !== '');
  const description = sentences.join('; ');
  throw new errors.InvalidScope(description, [...unknown, ...unregistered].join(' '));
}
