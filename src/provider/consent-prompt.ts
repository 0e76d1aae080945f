/**
 * When an authorization request has to ask: for a sign-in, and for a consent.
 *
 * @module
 */

import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isConsentNeeded } from './existing-grant.ts';

const { Prompt, Check, base } = interactionPolicy;

/**
 * The library's reasons to sign in, and one more: the session's account was suspended or deleted.
 * A consent is asked for when the stored one does not cover the request.
 */
export function createPolicy(): interactionPolicy.Prompt[] {
  const login = base().get('login');
  if (login === undefined) throw new Error('oidc-provider has no login prompt');
  login.checks.add(
    new Check('no_account', 'the account is not active', 'login_required', isAccountGone),
  );
  const consent = new Prompt(
    { name: 'consent', requestable: true },
    new Check('consent_needed', 'consent is needed', 'consent_required', isConsentNeeded),
  );
  return [login, consent];
}

function isAccountGone(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined;
}
