/**
 * Records, for each application, what the library did for it, and what it refused and why.
 *
 *   authorization  asked, or why not -> signed in -> consented, or why not -> code issued
 *   token          exchanged, or why not; refreshed, or why not; a client that did not prove itself
 *   revocation     revoked
 *
 * A client that exists has to be named; nothing is noted of others. Nothing says whose request it was.
 *
 * @module
 */

import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { sha256 } from '../lib/secrets.ts';
import { faultOf, type Refusal } from '../portal/flow-faults.ts';
import type { FlowKind, FlowRecord } from '../portal/flow-record.ts';
import type { Redemption } from '../storage/tokens/redemptions.ts';
import type { TokenRequest } from './token-request.ts';

type Note = FlowRecord['note'];

/** Notes what the library reports as it goes on: authorization and pushed requests. */
export function noteFlows(provider: Provider, note: Note): void {
  provider.on('interaction.started', (ctx) => {
    if (ctx.oidc.route === 'authorization') noteStep(note, ctx, 'asked');
  });
  provider.on('interaction.ended', (ctx) => {
    const prompt = ctx.oidc.entities.Interaction?.prompt.name;
    if (prompt === 'login') noteStep(note, ctx, 'signed_in');
    if (prompt === 'consent') noteStep(note, ctx, 'consented');
  });
  provider.on('authorization.success', (ctx) => {
    if (ctx.oidc.route === 'authorization') noteStep(note, ctx, 'asked');
    noteStep(note, ctx, 'code_issued');
  });
  provider.on('authorization.error', (ctx, error) => {
    const isAsked = ctx.oidc.route === 'authorization';
    noteRefusal(note, ctx, isAsked ? 'ask_refused' : 'not_consented', error);
  });
  provider.on('pushed_authorization_request.error', (ctx, error) => {
    noteRefusal(note, ctx, isUnproven(error) ? 'client_refused' : 'ask_refused', error);
  });
  provider.on('grant.error', keepRefusal);
  provider.on('revocation.error', (ctx, error) => {
    if (isUnproven(error)) noteRefusal(note, ctx, 'client_refused', error);
  });
  provider.on('introspection.error', (ctx, error) => {
    if (isUnproven(error)) noteRefusal(note, ctx, 'client_refused', error);
  });
}

/** Notes what became of a token request, once that is certain. */
export function noteTokenRequest(
  note: Note,
  ctx: KoaContextWithOIDC,
  { redemption }: Pick<TokenRequest, 'redemption'>,
): void {
  const { client, params } = ctx.oidc;
  if (client === undefined || ctx.status >= 500) return;
  const isRefresh = params?.['grant_type'] === 'refresh_token';
  const clientId = client.clientId;
  if (ctx.status === 200) {
    const kind = isRefresh ? 'refreshed' : 'exchanged';
    note({ clientId, kind, flow: flowOfCode(clientId, redemption), isKnown: true });
    return;
  }
  const refusal = refusals.get(ctx) ?? { error: errorIn(ctx), detail: '' };
  if (refusal.error === 'invalid_client') {
    note({ clientId, kind: 'client_refused', reason: faultOf(refusal), isKnown: false });
    return;
  }
  const isPublic = client.clientAuthMethod === 'none';
  note({
    clientId,
    kind: isRefresh ? 'refresh_refused' : 'exchange_refused',
    reason: faultOf(refusal),
    detail: detailOf(ctx, refusal),
    flow: flowOfCode(clientId, redemption),
    isKnown: isPublic ? redemption?.redeemed !== undefined : !isAmbiguous(refusal),
  });
}

/** Notes that a client revoked a token. */
export function noteRevocation(note: Note, ctx: KoaContextWithOIDC): void {
  const { client } = ctx.oidc ?? {};
  if (client === undefined || ctx.status !== 200) return;
  note({
    clientId: client.clientId,
    kind: 'revoked',
    isKnown: client.clientAuthMethod !== 'none',
  });
}

const refusals = new WeakMap<KoaContextWithOIDC, Refusal>();

function keepRefusal(ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): void {
  refusals.set(ctx, toRefusal(error));
}

function toRefusal({
  error,
  error_detail: inner,
  error_description: sent,
}: errors.OIDCProviderError) {
  return { error, detail: inner ?? sent ?? '' };
}

function errorIn({ body }: KoaContextWithOIDC): string {
  const { error } = (body ?? {}) as { readonly error?: unknown };
  return String(error ?? '');
}

function noteStep(note: Note, ctx: KoaContextWithOIDC, kind: FlowKind): void {
  const clientId = ctx.oidc.client?.clientId;
  if (clientId === undefined) return;
  note({ clientId, kind, flow: flowOfRequest(clientId, ctx), isKnown: isSignedIn(ctx) });
}

function noteRefusal(
  note: Note,
  ctx: KoaContextWithOIDC,
  kind: FlowKind,
  error: errors.OIDCProviderError,
): void {
  const clientId = ctx.oidc.client?.clientId;
  if (clientId === undefined) return;
  const refusal = toRefusal(error);
  const reason = faultOf(refusal);
  const isKnown = kind !== 'client_refused' && isSignedIn(ctx);
  const flow = flowOfRequest(clientId, ctx);
  note({ clientId, kind, reason, detail: detailOf(ctx, refusal), flow, isKnown });
}

/** An application makes a new challenge, or nonce, for each request; the code carries it to the token endpoint. */
function flowOfRequest(clientId: string, { oidc }: KoaContextWithOIDC): string {
  return flowOf(clientId, oidc.params?.['code_challenge'] ?? oidc.params?.['nonce']);
}

function flowOfCode(clientId: string, redemption: Redemption | undefined): string {
  const { kind, token } = redemption?.redeemed ?? {};
  if (kind !== 'AuthorizationCode') return '';
  return flowOf(clientId, token?.payload['codeChallenge'] ?? token?.payload['nonce']);
}

/** Whatever the application wrote there, nothing of it can be read. */
function flowOf(clientId: string, own: unknown): string {
  if (typeof own !== 'string' || own === '') return '';
  return sha256(JSON.stringify(['flow', clientId, own]))
    .toString('base64url')
    .slice(0, 16);
}

function isSignedIn({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined;
}

/** Whether a request failed before its client had proved who it is. */
function isUnproven(error: errors.OIDCProviderError): boolean {
  return error.error === 'invalid_client' || isAmbiguous(toRefusal(error));
}

/** The library finds this out before it looks at the proof. */
function isAmbiguous({ detail }: Refusal): boolean {
  return detail.includes('only be provided using one mechanism');
}

/** What the developer compares with what they registered, or what the library says of the parameters. */
function detailOf({ oidc }: KoaContextWithOIDC, { error, detail }: Refusal): string {
  const sent = oidc.params?.['redirect_uri'];
  if (error === 'invalid_redirect_uri' || detail.includes('redirect_uri mismatch')) {
    return typeof sent === 'string' ? withoutValues(sent) : '';
  }
  return /^invalid_(request|scope|target)$/.test(error) ? detail : '';
}

/** The values of a query, a fragment and a user's name may be somebody's own. */
function withoutValues(uri: string): string {
  return uri
    .replace(/#.*/s, '#…')
    .replaceAll(/([?&][^=&#]*=)[^&#]*/g, '$1…')
    .replace(/^(\w+:\/\/)[^/?#]*@/, '$1…@');
}
