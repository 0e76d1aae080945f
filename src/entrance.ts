/**
 * Where a request goes by its target, before anything reads it: introspection's fast path, the library, or
 * pages and APIs.
 *
 * @module
 */

import type { RequestListener } from 'node:http';
import { faultOf, pathOf, refuseFault } from './lib/request-target.ts';
import { isLibraryPath } from './provider/library-paths.ts';
import { acceptJson, oneSpaceAfterScheme } from './provider/machine-endpoints.ts';
import { pinnedHost } from './provider/pinned-host.ts';
import { dataHeadersOf } from './web/page/security-headers.ts';

interface Listeners {
  readonly handle: RequestListener;
  readonly handleOAuth: RequestListener;
}

/** Exactly the paths of the library go to it. */
export function byPath(issuer: string, { handle, handleOAuth }: Listeners): RequestListener {
  const pin = pinnedHost(issuer);
  return (req, res) => {
    pin(req);
    acceptJson(req);
    oneSpaceAfterScheme(req);
    void (isLibraryPath(pathOf(req)) ? handleOAuth : handle)(req, res);
  };
}

/** A target that could mean two things is refused before anything reads it. */
export function byTarget(
  issuer: string,
  library: RequestListener,
  introspection: RequestListener,
): RequestListener {
  const headers = dataHeadersOf(issuer);
  return (req, res) => {
    const fault = faultOf(req);
    if (fault !== undefined) return refuseFault(res, fault, headers);
    const isIntrospection = req.method === 'POST' && req.url === '/oauth/introspect';
    return isIntrospection ? introspection(req, res) : library(req, res);
  };
}
