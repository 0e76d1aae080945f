/**
 * Our addresses that a provider has to know: they are registered there.
 *
 * @module
 */

/** @returns where a provider sends the browser back to; to be registered there. */
export function callbackOf(issuer: string, providerId: string): string {
  return `${issuer}/sign-in/provider/${providerId}/callback`;
}

/** @returns where a provider sends the browser after signing out there; to be registered there. */
export function signedOutOf(issuer: string, providerId: string): string {
  return `${issuer}/sign-in/provider/${providerId}/signed-out`;
}

/** @returns where a provider sends its logout tokens; to be registered there. */
export function backchannelOf(issuer: string, providerId: string): string {
  return `${issuer}/sign-in/provider/${providerId}/backchannel-logout`;
}
