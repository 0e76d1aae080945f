/**
 * How somebody proved who they are, in the words of OpenID Connect: `amr` lists the methods, `acr` names
 * the class, the stronger one last in `authenticationClasses`.
 *
 * Source: RFC 8176 section 2 (amr); OpenID Connect Core section 2; OpenID Connect Extended
 * Authentication Profile ACR Values section 2 (`phr`, phishing-resistant).
 *
 * @module
 */

/** What a session keeps of the sign-in that it began with. */
export interface Authentication {
  readonly amr: readonly string[];
  readonly acr: string;
}

export const byPassword: Authentication = { amr: ['pwd'], acr: 'urn:usher:acr:password' };

const elsewhere = 'urn:usher:acr:provider';

/** Two factors, of which phishing may still get both: a password and a code, say. */
export const twoFactorClass = 'urn:usher:acr:mfa';

/** What providers call that: the REFEDS MFA Profile, and PAPE 1.0 (section 4). */
const twoFactorNames = [
  twoFactorClass,
  'https://refeds.org/profile/mfa',
  'http://schemas.openid.net/pape/policies/2007/06/multi-factor',
];

/** The methods that RFC 8176 section 2 registers: what others mean, only who says them knows. */
export const authenticationMethods =
  'face fpt geo hwk iris kba mca mfa otp pin pop pwd rba retina sc sms swk tel user vbm wia'.split(
    ' ',
  );

/** How somebody proved elsewhere who they are, as whoever runs the platform's accounts says. */
export interface SaidElsewhere {
  readonly amr?: readonly string[] | undefined;
  readonly acr?: string | undefined;
}

const resistant = ['phr', 'phrh'];

/**
 * What to ask of a provider (`acr_values`).
 *
 * @param listed the classes that it says it knows. Two factors have no name that all of them know, and some
 *   refuse one that they do not.
 * @returns undefined when nothing of it means the same there.
 */
export function askedElsewhere(
  acrValues: string | undefined,
  listed: readonly string[],
): string | undefined {
  const asked = acrValues?.split(' ') ?? [];
  const names = asked.includes(twoFactorClass)
    ? twoFactorNames.filter((one) => listed.includes(one))
    : [];
  const both = [...asked.filter((one) => resistant.includes(one)), ...names];
  return both.length === 0 ? undefined : both.join(' ');
}

/**
 * A sign-in elsewhere: its methods as they were said, as far as they are registered. Of the classes the
 * phishing-resistant ones mean the same everywhere (`phrh` is one of hardware), and so do two factors; whatever
 * else is said is the class of a sign-in elsewhere.
 */
export function byProvider({ amr = [], acr }: SaidElsewhere): Authentication {
  return {
    amr: authenticationMethods.filter((method) => amr.includes(method)),
    acr: classOf(amr, acr),
  };
}

function classOf(amr: readonly string[], acr = ''): string {
  if (resistant.includes(acr)) return byPasskey.acr;
  return twoFactorNames.includes(acr) || amr.includes('mfa') ? twoFactorClass : elsewhere;
}

/** The device has verified the person: possession of the key, and a second factor. */
export const byPasskey: Authentication = { amr: ['pop', 'user', 'mfa'], acr: 'phr' };

/** The classes that Usher knows, weakest first; without passkeys nobody reaches more than a password here. */
export function authenticationClasses(hasPasskeys: boolean): readonly string[] {
  return hasPasskeys ? [byPassword.acr, twoFactorClass, byPasskey.acr] : [byPassword.acr];
}

/** Whether two factors of any kind are enough for an application. @param acrValues as it sent them. */
export function isTwoFactorsEnough(acrValues: string | undefined): boolean {
  return acrValues?.split(' ').includes(twoFactorClass) === true;
}

/**
 * Whether a sign-in of class `acr` is as good as one of the classes that are asked for. One elsewhere is as good
 * as a password: somebody was asked for something.
 *
 * @param asked classes in any order; those that are not reachable here are passed over, since
 *   `acr_values` is a wish (OpenID Connect Core section 3.1.2.1). With none left anything will do.
 */
export function satisfiesClasses(
  acr: string | undefined,
  asked: readonly string[],
  reachable: readonly string[],
): boolean {
  const wanted = asked.map((one) => reachable.indexOf(one)).filter((rank) => rank >= 0);
  return wanted.length === 0 || rankOf(acr) >= Math.min(...wanted);
}

/** By all classes that there are: a provider may say one that nobody reaches here. */
function rankOf(acr: string | undefined): number {
  return acr === elsewhere ? 0 : authenticationClasses(true).indexOf(acr ?? '');
}
