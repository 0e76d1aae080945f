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

/** The device has verified the person: possession of the key, and a second factor. */
export const byPasskey: Authentication = { amr: ['pop', 'user', 'mfa'], acr: 'phr' };
