/**
 * Which addresses may be pages of the platform: its own sign-in page, to which a challenge goes, so nobody
 * on the way may read it; its own console.
 *
 * @module
 */

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @returns why the address cannot be one; undefined when it can. */
export function signInUrlFault(address: string, isProduction: boolean): string | undefined {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be an http(s) address';
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must hold no name, no password and no fragment';
  if (url.protocol === 'https:') return undefined;
  if (isProduction) return 'must be https in production';
  return loopback.has(url.hostname) ? undefined : 'http is only for loopback; use https';
}
