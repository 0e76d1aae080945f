/**
 * Which paths the library answers: its routes, written exactly so.
 *
 * The library's own router ignores case and a slash at the end, which our checks of its paths do
 * not. So it is asked only for a path that is exactly one of its routes.
 *
 * @module
 */

import { routes } from './configuration.ts';

const metadata = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
] as const;

const exact: ReadonlySet<string> = new Set([...metadata, ...Object.values(routes)]);

/** Where a request goes on after its pages: under the address that it came to, by its id. */
const { authorization, code_verification }: Readonly<Record<string, string>> = routes;
const resumed: readonly (string | undefined)[] = [authorization, code_verification];
const uid = /^[A-Za-z0-9_-]+$/;

/** @param path as it came, without the query; nothing in it is decoded. */
export function isLibraryPath(path: string): boolean {
  if (exact.has(path)) return true;
  const at = path.lastIndexOf('/');
  return resumed.includes(path.slice(0, at)) && uid.test(path.slice(at + 1));
}
