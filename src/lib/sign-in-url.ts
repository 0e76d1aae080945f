/**
 * Which addresses may be pages of the platform: its own sign-in page, to which a challenge goes, so nobody
 * on the way may read it; its own console.
 *
 * @module
 */

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What Usher adds to the address. */
const ours = ['challenge', 'prompt', 'login_hint'];

/** Where the address is used. */
interface PlatformPage {
  readonly isProduction: boolean;
  /** Of Usher. */
  readonly issuer: string;
  /** What is at the address. */
  readonly page: 'sign-in page' | 'console';
}

/** @returns why the address cannot be one, and what to do; undefined when it can. */
export function signInUrlFault(
  address: string,
  { isProduction, issuer, page }: PlatformPage,
): string | undefined {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    return `must be the address of your ${page}, such as https://console.example.com/usher`;
  if (url.origin === URL.parse(issuer)?.origin)
    return 'must be a page of your platform; for the pages of Usher leave the setting out';
  if (url.username !== '' || url.password !== '')
    return 'must hold no user name and no password; leave out what stands before the @';
  if (url.hash !== '') return 'must hold no fragment; leave out the # and what follows';
  const added = page === 'console' ? [] : ours.filter((name) => url.searchParams.has(name));
  if (added.length > 0) return `must not hold ${added.join(', ')}: Usher adds that; leave it out`;
  if (url.protocol === 'https:') return undefined;
  if (isProduction)
    return `must be https in production; serve your ${page} by https and name that address`;
  return loopback.has(url.hostname)
    ? undefined
    : 'must be https, since the page is not on this machine; http is accepted on loopback alone';
}
