/**
 * The address of this server as a request meets it. One whose registered address names a resource
 * (`https://mcp.example.com/{organization}/{database}`) has an address of its own for each resource, and
 * to clients each is a server of its own.
 *
 * Source: RFC 8707 section 2; RFC 9728 sections 3.1 and 3.3 (the address in the metadata is the one that
 * the client knows).
 *
 * @module
 */

import { metadataUrl } from './protected-resource-metadata.ts';
import type { Protection } from './refusals.ts';
import type { LiveToken } from './token-answer.ts';

/** The placeholder for a slug in a registered address. */
const placeholders = /\{(?:organization|database|branch)\}/g;

/** Whether an address has such placeholders. */
export function carriesSlugs(url: string): boolean {
  return /[{}]/.test(url);
}

/** @returns the address with a slug for each placeholder, to be checked as an address. */
export function sampleAddress(url: string): string {
  return url.replaceAll(placeholders, 'x');
}

/** The addresses of one server. */
export interface OwnAddress {
  /** Of every address. */
  readonly origin: string;
  /** Whether there is one for each resource. */
  readonly isPerResource: boolean;
  /**
   * @param path that a client asked for, at the address or under it.
   * @returns the address; undefined where no resource is at that path.
   */
  at(path: string): string | undefined;
  /** @returns the address that the metadata at this path is about; undefined where there is none. */
  describedAt(path: string): string | undefined;
}

const wellKnown = '/.well-known/oauth-protected-resource';

/** @param url as it is registered. */
export function ownAddress(url: string): OwnAddress {
  const { origin } = new URL(sampleAddress(url));
  if (!carriesSlugs(url)) {
    const { pathname } = metadataUrl(url);
    const describedAt = (path: string) => (path === pathname ? url : undefined);
    return { origin, isPerResource: false, at: () => url, describedAt };
  }
  const slash = url.endsWith('/') ? '/' : '';
  const path = url.slice(origin.length).replace(/\/$/, '');
  const source = path
    .split(placeholders)
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('[a-z0-9][a-z0-9-]{0,62}');
  const under = new RegExp(`^(${source})(?:[/?#]|$)`);
  const at = (asked: string) => {
    const found = under.exec(asked)?.[1];
    return found === undefined ? undefined : origin + found + slash;
  };
  const describedAt = (asked: string) => {
    const there = asked.startsWith(wellKnown) ? asked.slice(wellKnown.length) : '';
    const found = at(there);
    return found?.replace(/\/$/, '') === origin + there.replace(/\/$/, '') ? found : undefined;
  };
  return { origin, isPerResource: true, at, describedAt };
}

/** @returns what challenges at a path name. @param otherwise where no resource is there. */
export function protectionAt(
  address: OwnAddress | undefined,
  path: string,
  otherwise: string,
): Protection {
  const url = address?.at(path);
  return { realm: url ?? otherwise, metadataUrl: url && metadataUrl(url).href };
}

/** A token for one address is none at another, whatever its user may do there. */
export function isForAddress({ aud }: LiveToken, url: string | undefined): boolean {
  return aud === undefined || aud.replace(/\/$/, '') === url?.replace(/\/$/, '');
}
