/**
 * The answer to an introspection request, from the facts that one statement read.
 *
 * Source: RFC 7662 section 2.2 (response), RFC 9396 section 9.2 (authorization_details), RFC 9449
 * section 6.2 (cnf), RFC 9470 section 6.2 (acr, auth_time). `resource` and `below` are Usher's own.
 *
 * @module
 */

import type { ResourceKind } from '../catalogue/scope-rule.ts';
import {
  emptySet,
  formatScope,
  namesWithFormer,
  type ScopeSet,
  union,
} from '../catalogue/scope-set.ts';
import { oidcScopes, type ScopeName } from '../catalogue/scopes.ts';
import { reachesToken } from '../decisions/consented-scopes.ts';
import { effectiveScopes, scopesBelow } from '../decisions/effective-scopes.ts';
import { printId } from '../lib/ids.ts';
import type { EntriesFacts } from '../storage/facts/entry-facts.ts';
import type { ResourceFacts, TargetFacts } from '../storage/facts/resource-facts.ts';
import type { TokenFacts } from '../storage/facts/token-facts.ts';
import type { Resource } from '../storage/facts/tree-rows.ts';
import { type AuthorizationDetail, pickedResources, toDetails } from './authorization-details.ts';
import { sees, seesAccount, type View, viewOf } from './view.ts';

/** The answer as JSON; its properties are in this order. */
export type IntrospectionAnswer = InactiveAnswer | ActiveAnswer;

/** All that is ever said about a token that is dead, or not the asker's business. */
export interface InactiveAnswer {
  readonly active: false;
}

/** What is said about a live token. */
interface ActiveAnswer {
  readonly active: true;
  readonly iss: string;
  readonly sub: string;
  readonly username: string;
  readonly client_id: string;
  /** Absent of a refresh token. */
  readonly token_type?: 'Bearer' | 'DPoP';
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  /** When the user signed in for the token; absent of one that was issued before that was kept. */
  readonly auth_time?: number;
  /** How they did: the class, as `acr_values_supported` lists them. */
  readonly acr?: string;
  /** Canonical names; absent when there is none. */
  readonly scope?: string;
  /** In answers to questions without a resource. */
  readonly authorization_details?: readonly AuthorizationDetail[];
  /** The resource asked about; absent where it is not there or the consent does not reach it. */
  readonly resource?: ResolvedResource;
  /** Of an organization and a database: the scopes that hold on something under it. */
  readonly below?: readonly ScopeName[];
  readonly aud?: string;
  readonly cnf?: { readonly jkt: string };
}

/** The resource that the question named, for the asker to compare. */
interface ResolvedResource {
  readonly type: ResourceKind;
  /** The printed id. */
  readonly identifier: string;
  readonly path: string;
  /** Of a branch. */
  readonly production?: boolean;
}

/** The one answer to every way in which a token can be dead. */
export const inactive: InactiveAnswer = { active: false };

/** What a token may do, as one kind of question has it answered. */
type Powers = Pick<ActiveAnswer, 'scope' | 'authorization_details' | 'resource' | 'below'>;

/**
 * Answers one question: about one resource, or about every entry of the consent.
 *
 * @param facts undefined where the token is dead.
 */
export function answer(
  facts: ResourceFacts | EntriesFacts | undefined,
  askerId: string,
  issuer: string,
): IntrospectionAnswer {
  if (facts === undefined) return inactive;
  const view = viewOf(facts, askerId);
  if (view === undefined) return inactive;

  const { audience: aud, keyThumbprint: jkt, signedInAt: authTime, signInClass: acr } = facts;
  const isAccessToken = facts.kind === 'AccessToken';
  const tokenType = jkt === undefined ? 'Bearer' : 'DPoP';
  return {
    active: true,
    iss: issuer,
    sub: printId('user', facts.accountId),
    username: facts.email,
    client_id: facts.clientId,
    ...(isAccessToken && { token_type: tokenType }),
    iat: facts.issuedAt,
    exp: facts.expiresAt,
    ...(authTime !== undefined && { auth_time: authTime }),
    ...(acr !== undefined && { acr }),
    ...(isAccessToken ? powersOf(facts, view) : scopeProperty(facts.scope)),
    ...(aud !== undefined && { aud }),
    ...(jkt !== undefined && { cnf: { jkt } }),
  };
}

function powersOf(facts: ResourceFacts | EntriesFacts, view: View): Powers {
  return 'entries' in facts ? powersOnAll(facts, view) : powersOnResource(facts, view);
}

function powersOnResource(facts: ResourceFacts, view: View): Powers {
  const { target } = facts;
  if (target === undefined || !sees(view, target.resource.organizationId)) return {};
  const isUser = target.resource.type === 'user';
  const openid = isUser ? openidScope(facts, view) : '';
  if (!isReached(target) && openid === '') return {};
  return {
    ...scopeProperty(openid, effectiveScopes(target.use)),
    resource: toResolved(target.resource),
    ...(target.below && { below: namesWithFormer(scopesBelow(target.below)) }),
  };
}

/** Whether an entry that counts for the token is on the resource, above it or under it. */
function isReached({ use, below }: TargetFacts): boolean {
  const counts = (entry: (typeof use.entries)[number]) =>
    reachesToken(entry, use.token.consentVersion);
  return use.entries.some(counts) || below?.children.some(({ entry }) => counts(entry)) === true;
}

function powersOnAll(facts: EntriesFacts, view: View): Powers {
  const entries = facts
    .entries()
    .filter(({ resource: { type, organizationId } }) =>
      view.requiresResource ? type === 'user' && seesAccount(view) : sees(view, organizationId),
    );
  const picked = pickedResources(entries);
  const scopes = picked.map(({ actions }) => actions).reduce(union, emptySet);
  return {
    ...scopeProperty(openidScope(facts, view), scopes),
    authorization_details: toDetails(picked),
  };
}

const openid: ReadonlySet<string> = new Set(oidcScopes);

/** OpenID's scopes of the token, which concern the account. */
function openidScope({ scope }: TokenFacts, view: View): string {
  if (!seesAccount(view)) return '';
  return scope
    .split(' ')
    .filter((word) => openid.has(word))
    .join(' ');
}

function scopeProperty(text: string, scopes: ScopeSet = emptySet): Pick<ActiveAnswer, 'scope'> {
  const scope = [text, formatScope(scopes)].filter((part) => part !== '').join(' ');
  return scope === '' ? {} : { scope };
}

function toResolved({ type, id, path, production }: Resource): ResolvedResource {
  const identifier = printId(type, id);
  return { type, identifier, path, ...(production !== undefined && { production }) };
}
