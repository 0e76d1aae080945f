/**
 * When a sign-in that there is does not do, and has to be made once more.
 *
 * - `acr_values` asks for a class that the session does not reach. Classes that nobody can reach here
 *   are passed over, as the wish that they are; else the page would come back for ever.
 * - A consent is about to be given to scopes that delete or give secrets, and the sign-in is older than
 *   STEP_UP_SECONDS: an open browser is not enough for that.
 *
 * Source: OpenID Connect Core section 3.1.2.1 (acr_values); RFC 9470 section 5; OpenID Connect Core Error
 * Code unmet_authentication_requirements.
 *
 * @module
 */

import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { satisfiesClasses } from '../accounts/authentication.ts';
import { scopes } from '../catalogue/scopes.ts';
import { isConsentNeeded } from './existing-grant.ts';

const { Check } = interactionPolicy;

/** What the checks are made with. */
export interface StepUpSettings {
  readonly authenticationClasses: readonly string[];
  readonly stepUpSeconds: number;
}

const reasons = { class: 'authentication_class', age: 'authentication_age' } as const;

/** Scopes after whose consent nothing can be taken back. */
const grave: ReadonlySet<string> = new Set(
  scopes.filter(({ effect }) => ['delete', 'secrets'].includes(effect)).map(({ scope }) => scope),
);

/** @returns the checks of the login prompt. */
export function stepUpChecks(settings: StepUpSettings): interactionPolicy.Check[] {
  return [
    new Check(
      reasons.class,
      'the sign-in is not of a class that acr_values asks for',
      'unmet_authentication_requirements',
      (ctx) => isClassMissed(ctx, settings),
    ),
    new Check(reasons.age, 'a new sign-in is needed for this scope', 'login_required', (ctx) =>
      isTooOld(ctx, settings),
    ),
  ];
}

/** @param found the reasons of a login prompt. @returns the one that a person can do something about. */
export function stepUpOf(found: readonly string[]): 'class' | 'age' | undefined {
  if (found.includes(reasons.class)) return 'class';
  return found.includes(reasons.age) ? 'age' : undefined;
}

function isClassMissed(
  { oidc }: KoaContextWithOIDC,
  { authenticationClasses }: StepUpSettings,
): boolean {
  const asked = oidc.params?.['acr_values'];
  if (typeof asked !== 'string' || oidc.session?.accountId === undefined) return false;
  return !satisfiesClasses(oidc.session.acr, asked.split(' '), authenticationClasses);
}

function isTooOld(ctx: KoaContextWithOIDC, { stepUpSeconds }: StepUpSettings): boolean {
  const { oidc } = ctx;
  const { session, result } = oidc;
  if (stepUpSeconds === 0 || session?.accountId === undefined) return false;
  if (result?.login !== undefined || result?.consent !== undefined) return false;
  if (!isConsentNeeded(ctx) && !oidc.promptPending('consent')) return false;
  const asked = String(oidc.params?.['scope'] ?? '').split(' ');
  return asked.some((scope) => grave.has(scope)) && Boolean(session.past(stepUpSeconds));
}
