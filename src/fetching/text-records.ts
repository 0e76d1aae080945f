/**
 * Looking up the text records of a name. The name servers are asked, each with a time-out, and all of them
 * together have a few seconds: whoever owns a domain may let its name servers hang.
 *
 * @module
 */

import { promises } from 'node:dns';
import { isIP } from 'node:net';

/** What the name servers say; `no_answer` when they fail, refuse or do not answer in time. */
type TextAnswer =
  | { readonly outcome: 'found'; readonly texts: readonly string[] }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'no_answer' };

/** Finds the text records (TXT) of a name. */
export type FindTexts = (name: string) => Promise<TextAnswer>;

const perServerMs = 1_500;
const inAllMs = 4_000;
/** The name, or a text record of it, is not there; or it can be no name. */
const absent = new Set(['ENODATA', 'ENOTFOUND', 'EBADNAME']);

/** Whether a text is an IP address, with a port or without: `192.0.2.1`, `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function isNameServer(text: string): boolean {
  const [, six, four] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  return isIP(six ?? four ?? text) !== 0;
}

/** @param servers the name servers' addresses, with ports where they differ; without them those of the system. */
export function textsByNameServers(servers?: readonly string[]): FindTexts {
  return async (name) => {
    const resolver = new promises.Resolver({
      timeout: perServerMs,
      tries: 1,
      maxTimeout: perServerMs,
    });
    if (servers !== undefined) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), inAllMs);
    try {
      const records = await resolver.resolveTxt(name);
      return { outcome: 'found', texts: records.map((parts) => parts.join('')) };
    } catch (error) {
      const isAbsent = absent.has((error as NodeJS.ErrnoException).code ?? '');
      return { outcome: isAbsent ? 'none' : 'no_answer' };
    } finally {
      clearTimeout(timer);
    }
  };
}
