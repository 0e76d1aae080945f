/**
 * A browser that comes from a form of ours is sent to the application by a page, not by a redirect.
 *
 * Chromium applies the form's `form-action` to every address that the submission is redirected to, so
 * also to where the application's callback leads on: to loopback, or to a scheme of a program. It
 * stopped there, after the code was spent. A page of ours ends the chain, and with it the form's
 * policy, which can so name this server alone.
 *
 * Source: Content Security Policy Level 3 section 6.4.1 (form-action); RFC 9700 section 4.12.
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';

/** Shows a page that goes on to an address of the application. */
export type RenderReturn = (ctx: KoaContextWithOIDC, address: string) => void;

/** Marks the result of an interaction that no form ended, so that a redirect may follow. */
export const withoutForm = 'usher_without_form';

/** @returns the middleware around the end of an interaction. */
export function endFormChains(issuer: string, renderReturn: RenderReturn) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (ctx.oidc?.route !== 'resume') return;
    const address: unknown = ctx.response.get('Location');
    if (typeof address !== 'string' || !isApplications(address, issuer)) return;
    const { result } = ctx.oidc.entities.Interaction ?? {};
    if (result?.[withoutForm] === true) return;
    ctx.remove('Location');
    ctx.status = 200;
    renderReturn(ctx, address);
  };
}

/** Our own addresses are relative, or under the issuer; a callback may be, too, and needs no page. */
function isApplications(address: string, issuer: string): boolean {
  return URL.canParse(address) && new URL(address).origin !== issuer;
}
