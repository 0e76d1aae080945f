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

/** Whoever runs the platform's accounts says so; how they found out is their business. */
export const byProvider: Authentication = { amr: [], acr: 'urn:usher:acr:provider' };

/** The device has verified the person: possession of the key, and a second factor. */
export const byPasskey: Authentication = { amr: ['pop', 'user', 'mfa'], acr: 'phr' };

/** The classes that Usher knows, weakest first; without passkeys there is one less. */
export function authenticationClasses(hasPasskeys: boolean): readonly string[] {
  return hasPasskeys ? [byPassword.acr, byPasskey.acr] : [byPassword.acr];
}

/**
 * Whether a sign-in of class `acr` is as good as one of the classes that are asked for.
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
  return wanted.length === 0 || reachable.indexOf(acr ?? '') >= Math.min(...wanted);
}
