/**
 * When an authorization request has to ask: for a sign-in, and for a consent.
 *
 * @module
 */

import { decodeJwt } from 'jose';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isConsentNeeded } from './existing-grant.ts';
import { type StepUpSettings, stepUpChecks } from './step-up.ts';

const { Prompt, Check, base } = interactionPolicy;

/**
 * The library's reasons to sign in, and two more: the session's account was suspended or deleted;
 * somebody signed in who is not the one that the application asked for.
 * A sign-in that is not good enough for what is asked: see step-up.ts.
 * An application may ask that the account is chosen.
 * A consent is asked for when the stored one does not cover the request.
 */
export function createPolicy(settings: StepUpSettings): interactionPolicy.Prompt[] {
  const login = base().get('login');
  if (login === undefined) throw new Error('oidc-provider has no login prompt');
  login.checks.add(
    new Check('no_account', 'the account is not active', 'login_required', isAccountGone),
  );
  login.checks.add(
    new Check('other_account', 'another account is asked for', 'login_required', isSomebodyElse),
  );
  for (const check of stepUpChecks(settings)) login.checks.add(check);
  const consent = new Prompt(
    { name: 'consent', requestable: true },
    new Check('consent_needed', 'consent is needed', 'consent_required', isConsentNeeded),
  );
  const selectAccount = new Prompt({ name: 'select_account', requestable: true });
  return [login, selectAccount, consent];
}

function isAccountGone(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined;
}

/**
 * The library compares `id_token_hint` with the session before it asks anybody to sign in, not after.
 * The hint's signature was checked then.
 *
 * @throws {errors.LoginRequired} OpenID Connect Core section 3.1.2.1: another one signed in.
 */
function isSomebodyElse({ oidc }: KoaContextWithOIDC): boolean {
  const hint = oidc.params?.['id_token_hint'];
  if (typeof hint !== 'string' || oidc.result?.login === undefined) return false;
  if (decodeJwt(hint).sub === oidc.session?.accountId) return false;
  throw new errors.LoginRequired('another account signed in than id_token_hint names');
}
